using Relay.Testing;

namespace Relay.Protocol.Tests.Vectors;

/// <summary>
/// <c>Node/vectors.mjs</c>, which shares no code with anything here: it writes the published vectors byte for byte, and judges each of
/// them.
/// </summary>
public sealed class NodeVectorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Published => Path.Combine(AppContext.BaseDirectory, "Vectors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Write_Now_GivesThePublishedFilesByteForByte()
    {
        (await RunAsync("write", _folder.Path)).AssertSucceeded();
        var written = Directory.GetFiles(_folder.Path);
        Assert.True(written.Length >= 12, $"{written.Length} files");
        foreach (var file in written)
        {
            var published = await File.ReadAllBytesAsync(Path.Combine(Published, Path.GetFileName(file)), Cancel);
            var made = await File.ReadAllBytesAsync(file, Cancel);
            Assert.True(made.AsSpan().SequenceEqual(published), $"{Path.GetFileName(file)} is not what Node/vectors.mjs writes");
        }
    }

    [Fact]
    public async Task Run_EveryVector_IsJudgedAsStated()
    {
        var result = (await RunAsync("run", Published)).AssertSucceeded();
        Assert.Contains(" vectors, 0 judged otherwise", result.Output, StringComparison.Ordinal);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Task<NodeResult> RunAsync(string command, string folder) =>
        NodeRunner.RunAsync([], Path.Combine("Node", "vectors.mjs"), [command, folder], null, Cancel);
}
