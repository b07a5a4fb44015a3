namespace Emulator.Functions.Triggers.ServiceBus;

/// <summary>The value types that travel from a worker to its host when a message is settled; the worker refuses all others before it asks.</summary>
internal static class MessageProperties
{
    /// <exception cref="NotSupportedException">A value is of another type.</exception>
    public static void ThrowIfNotSimple(IDictionary<string, object>? properties)
    {
        foreach (var (name, value) in properties ?? new Dictionary<string, object>())
        {
            if (!IsSimple(value))
            {
                throw new NotSupportedException($"Property '{name}' is a {value.GetType().Name}, which is not an AMQP simple type.");
            }
        }
    }

    private static bool IsSimple(object? value) => value
        is null or byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal or bool or char
        or Guid or string or Uri or DateTime or DateTimeOffset or TimeSpan or Stream;
}
