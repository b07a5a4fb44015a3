namespace Relay.Infra.Tests;

/// <summary>Something that a check found.</summary>
/// <param name="Code">Stable, for tests: which rule.</param>
internal sealed record Mistake(string Code, string File, int Line, string Text)
{
    public override string ToString() => $"{File}({Line}): {Code}: {Text}";
}
