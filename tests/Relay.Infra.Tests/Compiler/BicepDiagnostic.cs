namespace Relay.Infra.Tests.Compiler;

/// <summary>What the compiler or its linter says of a file.</summary>
/// <param name="Code">Of the rule: <c>BCP089</c>, <c>no-unused-params</c>.</param>
internal sealed record BicepDiagnostic(string Code, string Level, string File, string Message)
{
    public override string ToString() => $"{File}: {Level} {Code}: {Message}";
}
