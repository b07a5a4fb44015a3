using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Relay.Infra.Tests.Bicep;

/// <summary>The Bicep functions that the files may use, with their argument counts; anything else is a mistake.</summary>
internal static class BicepFunctions
{
    public const string SubscriptionId = "/subscriptions/00000000-0000-0000-0000-000000000000";

    public const string TenantId = "11111111-1111-1111-1111-111111111111";

    /// <summary>Fewest and most arguments.</summary>
    public static readonly IReadOnlyDictionary<string, (int Least, int Most)> Arity = new Dictionary<string, (int, int)>
    {
        ["cidrSubnet"] = (3, 3),
        ["concat"] = (1, 99),
        ["contains"] = (2, 2),
        ["empty"] = (1, 1),
        ["environment"] = (0, 0),
        ["filter"] = (2, 2),
        ["guid"] = (1, 99),
        ["items"] = (1, 1),
        ["length"] = (1, 1),
        ["loadJsonContent"] = (1, 1),
        ["map"] = (2, 2),
        ["max"] = (2, 99),
        ["range"] = (2, 2),
        ["readEnvironmentVariable"] = (1, 2),
        ["replace"] = (3, 3),
        ["resourceGroup"] = (1, 1),
        ["string"] = (1, 1),
        ["subscription"] = (0, 0),
        ["subscriptionResourceId"] = (2, 9),
        ["take"] = (2, 2),
        ["tenant"] = (0, 0),
        ["toObject"] = (2, 3),
        ["union"] = (2, 99),
        ["uniqueString"] = (1, 99),
    };

    public static object? Call(BicepEvaluation caller, string name, IReadOnlyList<object?> arguments) => name switch
    {
        "cidrSubnet" => CidrSubnet(Text(arguments[0]), (int)(long)arguments[1]!, (long)arguments[2]!),
        "concat" => arguments[0] is string ? string.Concat(arguments.Select(Text)) : arguments.SelectMany(List).ToList(),
        "contains" => Contains(arguments[0], arguments[1]),
        "empty" =>
            arguments[0] is null
                || (arguments[0] is string text ? text.Length == 0 : arguments[0] is not RuntimeValue && Length(arguments[0]) == 0),
        "environment" => Object(("suffixes", Object(("storage", "core.windows.net")))),
        "filter" => List(arguments[0]).Where(item => caller.Invoke(arguments[1], item) is true).ToList(),
        "guid" => new Guid(Hash(arguments)[..16]).ToString(),
        "items" => Map(arguments[0]).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (object?)Object(("key", pair.Key), ("value", pair.Value))).ToList(),
        "length" => (long)Length(arguments[0]),
        "loadJsonContent" => caller.LoadJson(Text(arguments[0])),
        "map" => List(arguments[0]).Select(item => caller.Invoke(arguments[1], item)).ToList(),
        "max" => arguments.Max(argument => (long)argument!),
        "range" => Enumerable.Range((int)(long)arguments[0]!, (int)(long)arguments[1]!).Select(number => (object?)(long)number).ToList(),
        // Of one with a default, the stages are looked at without it.
        "readEnvironmentVariable" => arguments.Count == 2 ? arguments[1] : EnvironmentValue(Text(arguments[0])),
        "replace" => Text(arguments[0]).Replace(Text(arguments[1]), Text(arguments[2]), StringComparison.Ordinal),
        "resourceGroup" => new ResourceValue(
            "Microsoft.Resources/resourceGroups",
            "",
            Text(arguments[0]),
            $"{SubscriptionId}/resourceGroups/{Text(arguments[0])}",
            null,
            null,
            true,
            false,
            [],
            "",
            0),
        "string" => Text(arguments[0]),
        "subscription" => Object(("id", SubscriptionId), ("subscriptionId", SubscriptionId[15..])),
        "subscriptionResourceId" => $"{SubscriptionId}/providers/{Text(arguments[0])}/{string.Join('/', arguments.Skip(1).Select(Text))}",
        "take" => arguments[0] is string whole
            ? whole[..(int)Math.Min(whole.Length, (long)arguments[1]!)]
            : List(arguments[0]).Take((int)(long)arguments[1]!).ToList(),
        "tenant" => Object(("tenantId", TenantId)),
        "toObject" => List(arguments[0]).ToDictionary(
            item => Text(caller.Invoke(arguments[1], item)),
            item => arguments.Count == 3 ? caller.Invoke(arguments[2], item) : item),
        "union" => arguments[0] is List<object?> ? arguments.SelectMany(List).Distinct().ToList() : Union(arguments),
        // 13 characters of base 32, as Azure's.
        "uniqueString" => string.Concat(Hash(arguments).Take(13).Select(octet => "abcdefghijklmnopqrstuvwxyz234567"[octet % 32])),
        _ => throw new BicepException($"function '{name}' is not one that these files may use"),
    };

    /// <summary>Stands for what an environment variable holds.</summary>
    public static string EnvironmentValue(string name) => $"environment {name}";

    public static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        long number => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        RuntimeValue runtime => runtime.ToString(),
        _ => throw new BicepException($"expected something with a text form, got {Kind(value)}"),
    };

    /// <summary>Bicep's name for the type of a value; <c>any</c> for what only the deployment knows.</summary>
    public static string Kind(object? value) => value switch
    {
        null => "null",
        bool => "bool",
        long => "int",
        string => "string",
        List<object?> => "array",
        Dictionary<string, object?> => "object",
        RuntimeValue => "any",
        _ => value.GetType().Name,
    };

    public static object? FromJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().ToDictionary(member => member.Name, member => FromJson(member.Value)),
        JsonValueKind.Array => json.EnumerateArray().Select(FromJson).ToList(),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => json.GetInt64(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static string CidrSubnet(string network, int bits, long index)
    {
        var octets = System.Net.IPNetwork.Parse(network).BaseAddress.GetAddressBytes();
        var first = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(octets) + (uint)(index << (32 - bits));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(octets, first);
        return $"{new System.Net.IPAddress(octets)}/{bits}";
    }

    private static List<object?> List(object? value) =>
        value as List<object?> ?? throw new BicepException($"expected an array, got {Kind(value)}");

    private static Dictionary<string, object?> Map(object? value) =>
        value as Dictionary<string, object?> ?? throw new BicepException($"expected an object, got {Kind(value)}");

    private static int Length(object? value) => value switch
    {
        string text => text.Length,
        List<object?> list => list.Count,
        Dictionary<string, object?> map => map.Count,
        _ => throw new BicepException($"expected something with a length, got {Kind(value)}"),
    };

    private static bool Contains(object? whole, object? part) => whole switch
    {
        string text => text.Contains(Text(part), StringComparison.Ordinal),
        List<object?> list => list.Contains(part),
        Dictionary<string, object?> map => map.ContainsKey(Text(part)),
        _ => throw new BicepException($"expected a string, array or object, got {Kind(whole)}"),
    };

    private static Dictionary<string, object?> Union(IReadOnlyList<object?> arguments)
    {
        var merged = new Dictionary<string, object?>();
        foreach (var (key, value) in arguments.SelectMany(Map))
        {
            merged[key] = value;
        }

        return merged;
    }

    private static Dictionary<string, object?> Object(params (string Key, object? Value)[] members) =>
        members.ToDictionary(member => member.Key, member => member.Value);

    private static byte[] Hash(IReadOnlyList<object?> arguments) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', arguments.Select(Text))));
}

/// <summary>A source that cannot be evaluated.</summary>
internal sealed class BicepException(string message) : Exception(message);
