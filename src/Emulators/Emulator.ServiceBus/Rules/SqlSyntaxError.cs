using System.Globalization;

namespace Emulator.ServiceBus.Rules;

/// <summary>Why an expression cannot be used.</summary>
/// <param name="Position">Where, in characters from 0.</param>
/// <param name="Expected">What would have been right there.</param>
/// <param name="Found">What stands there.</param>
internal sealed record SqlSyntaxError(int Position, string Expected, string Found)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"at position {Position}: expected {Expected}, got {Found}");
}
