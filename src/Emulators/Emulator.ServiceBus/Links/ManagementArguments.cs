using Emulator.Amqp.Types;

namespace Emulator.ServiceBus.Links;

/// <summary>Reads arguments whatever width or container a client chose for them.</summary>
internal static class ManagementArguments
{
    /// <summary>Most items one request may name.</summary>
    public const int MaxItems = 4096;

    public static bool TryGuids(AmqpMap arguments, string name, out IReadOnlyList<Guid> values) =>
        TryList(arguments, name, item => item as Guid?, out values);

    public static bool TryIntegers(AmqpMap arguments, string name, out IReadOnlyList<long> values) =>
        TryList(arguments, name, Integer, out values);

    private static bool TryList<T>(AmqpMap arguments, string name, Func<object?, T?> read, out IReadOnlyList<T> values)
        where T : struct
    {
        var list = new List<T>();
        values = list;
        if (!arguments.TryGetText(name, out var value)) return false;
        if (value is not System.Collections.IEnumerable items || value is string) return false;
        foreach (var item in items)
        {
            if (list.Count == MaxItems || read(item) is not { } typed) return false;
            list.Add(typed);
        }

        return list.Count > 0;
    }

    private static long? Integer(object? item) => item switch
    {
        byte number => number,
        sbyte number => number,
        short number => number,
        ushort number => number,
        int number => number,
        uint number => number,
        long number => number,
        ulong number when number <= long.MaxValue => (long)number,
        _ => null,
    };
}
