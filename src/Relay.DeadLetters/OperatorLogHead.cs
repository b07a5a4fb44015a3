using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Relay.Protocol.Text;

namespace Relay.DeadLetters;

/// <summary>Stands for all of the operators' log up to one entry: whoever keeps it notices any change before.</summary>
/// <param name="Size">How many entries.</param>
/// <param name="Hash">Of the last one.</param>
internal sealed record OperatorLogHead(long Size, Digest Hash)
{
    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out OperatorLogHead? head)
    {
        head = text?.Split(':') is [var size, var hash]
            && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0
            && Digest.TryParse(hash, out var digest)
                ? new OperatorLogHead(number, digest)
                : null;
        return head is not null;
    }

    /// <summary>Size and hash, with a colon between.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Size}:{Hash}");
}
