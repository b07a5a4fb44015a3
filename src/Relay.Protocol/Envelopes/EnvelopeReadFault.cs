using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>A fault with its sentence, as the readers of this folder pass it up; default is no fault.</summary>
internal readonly record struct EnvelopeReadFault(EnvelopeFault Fault, string Detail)
{
    public bool IsNone => Fault == EnvelopeFault.None;

    public static EnvelopeReadFault Of(in StrictJsonReader json, string where) => new(
        json.Fault switch
        {
            JsonFault.None or JsonFault.Syntax => EnvelopeFault.NotJson,
            JsonFault.DuplicateMember => EnvelopeFault.DuplicateMember,
            JsonFault.TooComplex => EnvelopeFault.TooComplex,
        },
        $"{where}: {json.Detail}");

    public static EnvelopeReadFault Missing(string member) =>
        new(EnvelopeFault.MissingMember, $"expected member '{member}', which is absent");

    public static EnvelopeReadFault BadMember(string member, string expected, in StrictJsonReader json) =>
        new(EnvelopeFault.BadMember, $"expected '{member}' to be {expected}, got {Name(json.Token)}");

    private static string Name(JsonToken token) => token switch
    {
        JsonToken.StartObject => "an object",
        JsonToken.StartArray => "an array",
        JsonToken.String or JsonToken.Name => "a string",
        JsonToken.Number => "a number",
        JsonToken.True or JsonToken.False => "a boolean",
        JsonToken.Null => "null",
        JsonToken.None or JsonToken.EndObject or JsonToken.EndArray or JsonToken.End => "nothing",
    };
}
