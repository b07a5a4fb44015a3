using System.Text.Json.Nodes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Tests.Ledger;
using Relay.Testing;

namespace Relay.Protocol.Tests.Evidence;

/// <summary>
/// Files that this implementation writes, judged by the two that share no code with it: <c>Node/evidence.mjs</c> and <c>Go</c>.
/// </summary>
public sealed class OtherJudgesTests : IDisposable
{
    private readonly EvidenceSamples _samples = new();
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private const string Open = "not judged UnknownMediatorKey";

    public void Dispose()
    {
        _folder.Dispose();
        _samples.Dispose();
    }

    [Fact]
    public Task Node_LieOfEachKind_IsProvedAndWithoutTheKeysNotJudged() => JudgeAllAsync(
        arguments => NodeRunner.RunAsync([], Path.Combine("Node", "evidence.mjs"), arguments, null, Cancel));

    [Fact]
    public async Task Go_LieOfEachKind_IsProvedAndWithoutTheKeysNotJudged()
    {
        var program = await GoRunner.BuildAsync(Path.Combine(AppContext.BaseDirectory, "Go"), _folder.Path, Cancel);
        await JudgeAllAsync(arguments => GoRunner.RunAsync(program, arguments, Cancel));
    }

    private async Task JudgeAllAsync(Func<string[], Task<NodeResult>> judge)
    {
        var set = new JsonObject { ["keys"] = new JsonArray([.. _samples.Keys]) };
        var keys = await SaveAsync("keys.json", Samples.Utf8(set.ToJsonString()));
        var none = await SaveAsync("none.json", Samples.Utf8("{\"keys\":[]}"));
        var document = await SaveAsync("document.json", _samples.Document.Bytes);
        var lies = new EvidenceLies(_samples, size: 9);
        foreach (var kind in Enum.GetValues<LieKind>())
        {
            foreach (var lie in await lies.OfAsync(kind))
            {
                var file = await SaveAsync("lie.evidence", lie.Bytes);
                var result = await judge([file, keys, document]);
                Assert.Equal((0, $"proved {kind.ToText()}"), (result.ExitCode, result.Output.Trim()));
                if (kind != LieKind.Fork) continue;
                result = await judge([file, none, document]);
                Assert.Equal((2, "not judged UnknownRelayKey"), (result.ExitCode, result.Output.Trim()));
            }
        }
        var honest = EvidenceFile.Create(LieKind.NoQuorum, [await _samples.TreeAsync(9, (4, (await _samples.EntryAsync()).ToBytes()))]);
        var verdict = await judge([await SaveAsync("honest.evidence", honest.Bytes), keys, document]);
        Assert.Equal((1, "not proved ShowsNothing"), (verdict.ExitCode, verdict.Output.Trim()));
        await JudgeByTimesAsync(judge, document);
    }

    // Whoever else has had the relay's key can have made the file; a mediator's version counts for entries of its time alone.
    private async Task JudgeByTimesAsync(Func<string[], Task<NodeResult>> judge, string document)
    {
        var at = LedgerSamples.Start.AddMinutes(5).ToUnixTimeSeconds();
        var lie = (await new EvidenceLies(_samples, size: 9).OfAsync(LieKind.NoQuorum))[1];
        var honest = EvidenceFile.Create(LieKind.NoQuorum, [await _samples.TreeAsync(9, (4, (await _samples.EntryAsync()).ToBytes()))]);
        foreach (var (file, whose, member, seconds, expected) in new[]
        {
            (lie, "relay-checkpoint", "compromised", at + 1, "not judged UnknownRelayKey"),
            (honest, "mediator-qatar", "nbf", at, "not proved ShowsNothing"), (honest, "mediator-qatar", "nbf", at + 1, Open),
            (honest, "mediator-qatar", "exp", at + 1, "not proved ShowsNothing"), (honest, "mediator-qatar", "exp", at, Open),
            (honest, "mediator-qatar", "compromised", at + 1, "not proved ShowsNothing"),
            (honest, "mediator-qatar", "compromised", at, Open),
        })
        {
            var keys = new JsonArray([.. _samples.Keys]);
            foreach (var key in keys.Where(key => ((string)key!["kid"]!).Contains(whose, StringComparison.Ordinal))) key![member] = seconds;
            var set = new JsonObject { ["keys"] = keys };
            var result = await judge(
                [await SaveAsync("timed.evidence", file.Bytes), await SaveAsync("timed.json", Samples.Utf8(set.ToJsonString())), document]);
            Assert.Equal(expected, result.Output.Trim());
        }
    }

    private async Task<string> SaveAsync(string name, ReadOnlyMemory<byte> content)
    {
        var path = Path.Combine(_folder.Path, name);
        await File.WriteAllBytesAsync(path, content, Cancel);
        return path;
    }
}
