using Relay.Protocol.Text;

namespace Relay.DeadLetters;

/// <summary>A dead letter as it stands in the operators' log: key, SHA-256 of the body, and the envelope's id where it has one.</summary>
internal static class OperatorLogItem
{
    public static string Of(DeadLetter letter) => $"{letter.Key} {letter.Body} {letter.Id?.ToString() ?? "-"}";

    /// <summary>Key and hash of the body; false for what <see cref="Of"/> does not write.</summary>
    public static bool TryRead(string item, out (DeadLetterKey Key, Digest Body) read)
    {
        read = default;
        if (item.Split(' ') is not [var first, var second, _]
            || !DeadLetterKey.TryParse(first, out var key)
            || !Digest.TryParse(second, out var body))
        {
            return false;
        }
        read = (key, body);
        return true;
    }
}
