using Relay.Testing;

namespace Relay.Protocol.Tests.Vectors;

/// <summary>
/// The judge of evidence in <c>Go</c>, whose checkpoints and proofs are checked by golang.org/x/mod's note and tlog packages, on every
/// published vector of evidence. Skipped, saying so, where Go or that module (Debian: golang-golang-x-mod-dev) is not installed.
/// </summary>
public sealed class GoVectorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Vectors_EveryEvidenceFile_IsJudgedAsStated()
    {
        var program = await GoRunner.BuildAsync(Path.Combine(AppContext.BaseDirectory, "Go"), _folder.Path, Cancel);
        var vectors = Path.Combine(AppContext.BaseDirectory, "Vectors", "evidence.json");
        var result = (await GoRunner.RunAsync(program, ["vectors", vectors], Cancel)).AssertSucceeded();
        Assert.Contains(" vectors, 0 judged otherwise", result.Output, StringComparison.Ordinal);
    }
}
