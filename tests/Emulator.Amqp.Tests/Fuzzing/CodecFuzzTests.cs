namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>Frames, values and messages of every shape, right and wrong, through everything that reads them.</summary>
public sealed class CodecFuzzTests
{
    private const long UsualInputs = 150_000;

    /// <summary>Inputs that once broke a property, with what they broke.</summary>
    public static TheoryData<string> Regressions => [.. CodecRegressions.All];

    [Fact]
    public void Readers_OfAnyBytes_KeepTheirProperties()
    {
        var seed = FuzzSettings.NewSeed();
        var inputs = FuzzSettings.InputsOr(UsualInputs);
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}, {inputs} inputs ({FuzzSettings.Inputs}, {FuzzSettings.Seed})");
        var (frames, values, messages) = (0L, 0L, 0L);
        for (long input = 0; input < inputs; input++)
        {
            var bytes = CodecInputs.Next(FuzzRandom.For(seed, input));
            try
            {
                var reading = CodecProperties.Check(bytes);
                frames += reading.IsFrame ? 1 : 0;
                values += reading.IsValue ? 1 : 0;
                messages += reading.IsMessage ? 1 : 0;
            }
            catch (Exception exception)
            {
                Assert.Fail(
                    $"Input {input} of seed {seed}, to be kept in "
                        + $"{nameof(CodecRegressions)}:\n{Convert.ToHexStringLower(bytes)}\n{exception}");
            }

            if (input % 4096 == 0)
            {
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            }
        }

        // Inputs that nothing takes for anything test the first byte only.
        TestContext.Current.TestOutputHelper!.WriteLine($"{frames} frames, {values} values, {messages} messages");
        Assert.True(
            frames > inputs / 25 && values > inputs / 25 && messages > inputs / 25,
            $"Too few inputs mean anything: {frames} frames, {values} values, {messages} messages of {inputs}.");
    }

    [Theory]
    [MemberData(nameof(Regressions))]
    public void Readers_OfWhatOnceBrokeThem_KeepTheirProperties(string hex) => CodecProperties.Check(Convert.FromHexString(hex));
}
