namespace Relay.Protocol.Text;

/// <summary>Short, printable quotations of a peer's bytes for fault details; never the whole of anything long.</summary>
internal static class Excerpt
{
    private const int MaxLength = 40;

    public static string Of(ReadOnlySpan<byte> value)
    {
        Span<char> text = stackalloc char[MaxLength];
        var length = Math.Min(value.Length, MaxLength);
        for (var i = 0; i < length; i++)
        {
            text[i] = Printable((char)value[i]);
        }
        return value.Length > MaxLength ? $"'{text}...' ({value.Length} bytes)" : $"'{text[..length]}'";
    }

    public static string Of(string? value) => value is null ? "nothing" : Of(System.Text.Encoding.UTF8.GetBytes(value));

    public static string OfByte(byte value) => value is > 0x20 and < 0x7f ? $"'{(char)value}'" : $"byte 0x{value:x2}";

    private static char Printable(char c) => c is >= ' ' and < (char)0x7f and not '\'' ? c : '?';
}
