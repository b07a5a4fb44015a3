using System.CommandLine;
using System.Globalization;
using System.Text;
using Relay.Cli.Targets;
using Relay.Local;
using Relay.Protocol.Negotiations;
using Relay.Testing;

namespace Relay.Cli.Tests.Targets;

/// <summary>Which documents a command judges by: files named with --document, or what the state folder keeps.</summary>
public sealed class DocumentTargetTests : IDisposable
{
    private const string Doha = "doha-2026";
    private readonly TemporaryFolder _folder = new();
    private readonly DocumentTarget _document;
    private readonly Command _command;
    private readonly TargetOptions _target = new();

    public DocumentTargetTests()
    {
        _document = new DocumentTarget(_target);
        _command = new Command("judge") { _document.Files, _target.State };
    }

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAllAsync_NoneNamed_GivesThoseOfTheStateFolderAndSeveralNamedThose()
    {
        LocalDirectory.Put(_folder.Path, Doha, Document(1));
        LocalDirectory.Put(_folder.Path, Doha, Document(2));
        Assert.Equal<long[]>([1, 2], await VersionsAsync());
        Assert.Equal(2, (await _document.ReadInForceAsync(Parse(), Doha, Token)).Version);
        Assert.Equal<long[]>([3], await VersionsAsync("--document", File("three.json", Document(3))));
        string[] both = ["--document", File("three.json", Document(3)), "--document", File("four.json", Document(4))];
        Assert.Equal<long[]>([3, 4], await VersionsAsync(both));
        Assert.Equal(4, (await _document.ReadInForceAsync(Parse(both), Doha, Token)).Version);
    }

    [Fact]
    public async Task ReadAllAsync_NoDocumentAnywhere_IsNoneAndInForceIsAFault()
    {
        Assert.Empty(await VersionsAsync());
        var fault = await Assert.ThrowsAsync<CliFault>(() => _document.ReadInForceAsync(Parse(), Doha, Token));
        Assert.Contains("There is no document of doha-2026", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text", "bad.json is not a valid negotiation document")]
    [InlineData("of another negotiation", "bad.json is the document of oslo-2026. Expected one of doha-2026")]
    [InlineData("too long", "bad.json has 262145 bytes. Expected at most 262144")]
    [InlineData("empty", "bad.json is not a valid negotiation document")]
    public async Task ReadAllAsync_FileThatIsNone_IsAFaultThatSaysWhatWasExpected(string row, string said)
    {
        var content = row switch
        {
            "text" => "hello"u8.ToArray(),
            "of another negotiation" => Document(1, "oslo-2026"),
            "too long" => new byte[NegotiationDocument.MaxBytes + 1],
            _ => [],
        };
        string[] words = ["--document", File("good.json", Document(1)), "--document", File("bad.json", content)];
        var fault = await Assert.ThrowsAsync<CliFault>(() => VersionsAsync(words));
        Assert.StartsWith(said, $"{fault.Message} {fault.Fix}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadInForceAsync_TwoThatDifferAtOneVersion_AsksForOne()
    {
        var (one, other) = (Document(7), Document(7, quorum: 3));
        string[] words = ["--document", File("one.json", one), "--document", File("other.json", other)];
        var fault = await Assert.ThrowsAsync<CliFault>(() => _document.ReadInForceAsync(Parse(words), Doha, Token));
        Assert.StartsWith("Two documents of doha-2026 that differ are both version 7", fault.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await _document.ReadAllAsync(Parse(words), Doha, Token)).Count);
        // The same one twice is one.
        string[] same = ["--document", File("one.json", one), "--document", File("again.json", one)];
        Assert.Equal(7, (await _document.ReadInForceAsync(Parse(same), Doha, Token)).Version);
    }

    private static byte[] Document(int version, string negotiation = Doha, int quorum = 2) => Encoding.UTF8.GetBytes(
        """
        {"negotiation":"NAME","delegations":{"us":{"topic":"delegation-us"},"iran":{"topic":"delegation-iran"}},
        "mediators":{"qatar":{"key":"https://kv.vault.azure.net/keys/mediator-qatar","weight":3}},"quorum":2,"version":7}
        """
            .Replace("NAME", negotiation, StringComparison.Ordinal)
            .Replace("\"quorum\":2", string.Create(CultureInfo.InvariantCulture, $"\"quorum\":{quorum}"), StringComparison.Ordinal)
            .Replace("\"version\":7", string.Create(CultureInfo.InvariantCulture, $"\"version\":{version}"), StringComparison.Ordinal));

    private async Task<long[]> VersionsAsync(params string[] words) =>
        [.. (await _document.ReadAllAsync(Parse(words), Doha, Token)).Select(document => document.Version).Distinct().Order()];

    private ParseResult Parse(params string[] words)
    {
        var parsed = new RootCommand { _command }.Parse(["judge", .. words, "--state", _folder.Path]);
        Assert.Empty(parsed.Errors.Select(error => error.Message));
        return parsed;
    }

    private string File(string name, byte[] content)
    {
        var path = Path.Combine(_folder.Path, name);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }
}
