using System.Globalization;

namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>
/// How long a fuzzing test runs and from which seed: a few seconds in the suite, longer or again when the environment says so.
/// </summary>
internal static class FuzzSettings
{
    /// <summary>Environment variable: inputs a fuzzing test tries.</summary>
    public const string Inputs = "RELAY_FUZZ_INPUTS";

    /// <summary>Environment variable: the seed that a failed run printed.</summary>
    public const string Seed = "RELAY_FUZZ_SEED";

    /// <summary>The inputs asked for, or the test's own number.</summary>
    public static long InputsOr(long usual) =>
        long.TryParse(Environment.GetEnvironmentVariable(Inputs), CultureInfo.InvariantCulture, out var asked) ? asked : usual;

    /// <summary>The seed asked for, or a new one.</summary>
    public static ulong NewSeed() =>
        ulong.TryParse(Environment.GetEnvironmentVariable(Seed), CultureInfo.InvariantCulture, out var asked)
            ? asked
            : unchecked((ulong)Random.Shared.NextInt64());
}
