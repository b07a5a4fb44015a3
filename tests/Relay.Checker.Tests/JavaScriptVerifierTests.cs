using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Relay.Core.Ledger.Commit;
using Relay.Core.Tests;
using Relay.Core.Tests.Ledger.Commit;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Checker.Tests;

/// <summary>
/// Node/ledger-verifier.mjs, which shares no code with anything here, on ledgers and receipts that the committer made, and on damaged ones.
/// </summary>
public sealed class JavaScriptVerifierTests : IDisposable
{
    private const string Ledger = TestNegotiation.Name;
    private static readonly string Origin = $"{LedgerFixture.RelayName}/{Ledger}";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Folder_OfTheCommitter_IsOkAndDamagedIsRefused()
    {
        await using var fixture = new LedgerFixture();
        await LedgerCheckerTests.MakeAsync(fixture, null);
        await fixture.Ledgers.DisposeAsync();
        await AcceptedAsync($"ok {Origin} 603", "folder", Write(fixture.Store), Ledger, Keys(fixture));

        foreach (var (what, damaged) in Damaged(fixture.Store)) await RefusedAsync(what, "folder", Write(damaged), Ledger, Keys(fixture));
        var torn = Write(fixture.Store);
        var bundle = Path.Combine(torn, Ledger, "tile", "entries", "000");
        await File.WriteAllBytesAsync(bundle, (await File.ReadAllBytesAsync(bundle, Cancel))[..^3], Cancel);
        await RefusedAsync("torn file", "folder", torn, Ledger, Keys(fixture));
        await using var other = new LedgerFixture();
        await RefusedAsync("another vault's key", "folder", Write(fixture.Store), Ledger, Keys(other, fixture.Certifier.KeyId));
    }

    [Fact]
    public async Task Folder_WithAnEntryThatHasNoQuorum_IsRefused()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(2);
        await fixture.CommitAsync(chain[0]);
        var lie = fixture.Lie(chain[1], _ => chain[1].Envelope.SignedBy([1]));
        var receipt = await fixture.CommitAsync(lie);
        await fixture.Ledgers.DisposeAsync();
        await RefusedAsync("expected weight 3", "folder", Write(fixture.Store), Ledger, Keys(fixture));
        await RefusedAsync(
            "expected weight 3",
            "receipt",
            Save("receipt", receipt.Receipt),
            Save("envelope", lie.Envelope.Wire),
            Origin,
            Save("document", fixture.Document.Bytes),
            Keys(fixture));
    }

    [Fact]
    public async Task Folder_WithSignaturesOfBatches_IsOkAndWithOneOfAnotherHeadRefused()
    {
        await using var fixture = new LedgerFixture();
        var chain = await fixture.BatchedAsync(fixture.Chain(5));
        CommitOutcome last = null!;
        foreach (var envelope in chain) last = await fixture.CommitAsync(envelope);
        await fixture.Ledgers.VisitAsync(Ledger, Cancel);
        await AcceptedAsync($"ok {Origin} 6", "folder", Write(fixture.Store), Ledger, Keys(fixture));
        var document = Save("document", fixture.Document.Bytes);
        await AcceptedAsync(
            "ok doha-2026/us/normal/5 5 of 6",
            "receipt",
            Save("receipt", last.Receipt),
            Save("envelope", chain[4].Envelope.Wire),
            Origin,
            document,
            Keys(fixture));

        var next = (await fixture.BatchedAsync(fixture.Make(6, chain[4].Envelope.Digest), chain[0]))[0];
        var value = StrictBase64Url.Encode(chain[0].Envelope.Signatures[0].Value.Span);
        await fixture.CommitAsync(fixture.Lie(next, _ => WithValue(next.Envelope, value)));
        await fixture.Ledgers.DisposeAsync();
        await RefusedAsync("a signature of qatar", "folder", Write(fixture.Store), Ledger, Keys(fixture));

        static SignedHead WithValue(Envelope envelope, string other)
        {
            var wire = JsonNode.Parse(envelope.Wire.Span)!;
            wire["signatures"]![0]!["signature"] = other;
            var bytes = Encoding.UTF8.GetBytes(wire.ToJsonString());
            Assert.True(SignedHead.TryParse(bytes, EnvelopeLimits.Default, out var signed, out _, out var detail), detail);
            return signed;
        }
    }

    [Fact]
    public async Task Folder_WithAcknowledgements_IsOkAndWithFalseOnesRefused()
    {
        await using var fixture = new LedgerFixture { Document = TestIdentities.ParsedDocument() };
        var chain = fixture.Chain(3);
        foreach (var envelope in chain) await fixture.CommitAsync(envelope);
        foreach (var (i, reason) in new[] { (0, null), (1, "not-opened") })
        {
            Assert.True((await fixture.AcknowledgeAsync(TestIdentities.Say(chain[i].Envelope.Head, "iran", reason))).IsEntry);
        }

        // What is published then, the next head does not stage.
        Assert.True(await fixture.Ledgers.VisitAsync(Ledger, Cancel));
        await fixture.CommitAsync(fixture.Make(4, chain[2].Envelope.Digest));
        await AcceptedAsync($"ok {Origin} 7", "folder", Write(fixture.Store), Ledger, Keys(fixture));
        var moved = fixture.Store.Clone();
        var place = $"{Ledger}/acknowledged/us-normal/1-iran";
        moved.Set(place, Flip(moved.Find(place)!.Content));
        await RefusedAsync("another index", "folder", Write(moved), Ledger, Keys(fixture));
        moved.Set(place, null);
        await RefusedAsync("no index", "folder", Write(moved), Ledger, Keys(fixture));

        fixture.Store.Set(place, null);
        var second = TestIdentities.Say(chain[0].Envelope.Head, "iran", "not-opened");
        Assert.True((await fixture.AcknowledgeAsync(second, fixture.AddWorker())).IsEntry);
        await RefusedAsync("once", "folder", Write(fixture.Store), Ledger, Keys(fixture));
    }

    [Fact]
    public async Task Acknowledgement_ShownWithItsEnvelope_IsOkAndWithAnotherRefused()
    {
        await using var fixture = new LedgerFixture { Document = TestIdentities.ParsedDocument() };
        var chain = fixture.Chain(2);
        foreach (var envelope in chain) await fixture.CommitAsync(envelope);
        var opened = await fixture.AcknowledgeAsync(TestIdentities.Say(chain[0].Envelope.Head, "iran"));
        var (receipt, document) = (Save("said", opened.Receipt), Save("document", fixture.Document.Bytes));
        var first = Save("first", chain[0].Envelope.Wire);
        await AcceptedAsync(
            "ok doha-2026/us/normal/1 opened by iran 3 of 4", "acknowledgement", receipt, first, Origin, document, Keys(fixture));
        await RefusedAsync(
            "another envelope", "acknowledgement", receipt, Save("second", chain[1].Envelope.Wire), Origin, document, Keys(fixture));
        var without = Save("without", TestNegotiation.Document());
        await RefusedAsync("no such key", "acknowledgement", receipt, first, Origin, without, Keys(fixture));
        var forged = await fixture.AcknowledgeAsync(TestIdentities.Say(chain[1].Envelope.Head, "iran", keyOf: "us"));
        await RefusedAsync(
            "nobody's signature", "acknowledgement", Save("forged", forged.Receipt), Save("second", chain[1].Envelope.Wire), Origin, document,
            Keys(fixture));
        await RefusedAsync("the receipt of an envelope", "receipt", receipt, first, Origin, document, Keys(fixture));
    }

    [Fact]
    public async Task Folder_WithAnAcknowledgementThatNobodySigned_IsRefused()
    {
        await using var fixture = new LedgerFixture { Document = TestIdentities.ParsedDocument() };
        var envelope = fixture.Make(1, null);
        await fixture.CommitAsync(envelope);
        Assert.True((await fixture.AcknowledgeAsync(TestIdentities.Say(envelope.Envelope.Head, "iran", keyOf: "us"))).IsEntry);
        await fixture.Ledgers.DisposeAsync();
        await RefusedAsync("a signature by iran#1", "folder", Write(fixture.Store), Ledger, Keys(fixture));
    }

    [Fact]
    public async Task Served_Tiles_AreOkAndDamagedOnesAreRefused()
    {
        await using var fixture = new LedgerFixture();
        await LedgerCheckerTests.MakeAsync(fixture, null);
        await fixture.Ledgers.DisposeAsync();
        await using var server = await ServeAsync(fixture.Store);
        await AcceptedAsync($"ok {Origin} 603", "served", $"{server.Urls.First()}/api/negotiations/{Ledger}", Keys(fixture));

        var name = fixture.Store.Names.First(name => name.Contains("/tile/0/002", StringComparison.Ordinal));
        fixture.Store.Set(name, Flip(fixture.Store.Find(name)!.Content));
        await RefusedAsync("tile", "served", $"{server.Urls.First()}/api/negotiations/{Ledger}", Keys(fixture));
    }

    [Fact]
    public async Task Receipts_OfTheCommitter_AreOkAndForOtherEnvelopesRefused()
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(9);
        var outcomes = new List<CommitOutcome>();
        foreach (var envelope in chain) outcomes.Add(await fixture.CommitAsync(envelope));
        for (var i = 0; i < chain.Length; i += 4)
        {
            var receipt = Save($"receipt-{i}", outcomes[i].Receipt);
            await AcceptedAsync(
                $"ok {chain[i].Envelope.Id} {outcomes[i].Index} of {i + 2}",
                "receipt",
                receipt,
                Save("envelope", chain[i].Envelope.Wire),
                Origin,
                Save("document", fixture.Document.Bytes),
                Keys(fixture));
            await RefusedAsync(
                "another envelope's",
                "receipt",
                receipt,
                Save("envelope", chain[(i + 1) % chain.Length].Envelope.Wire),
                Origin,
                Save("document", fixture.Document.Bytes),
                Keys(fixture));
        }

        var whole = outcomes[8].Receipt.ToArray();
        await RefusedAsync(
            "another origin",
            "receipt",
            Save("receipt", whole),
            Save("envelope", chain[8].Envelope.Wire),
            LedgerFixture.RelayName + "/oslo-2026",
            Save("document", fixture.Document.Bytes),
            Keys(fixture));
        var random = new Random(4);
        for (var i = 0; i < 6; i++)
        {
            var flipped = whole.ToArray();
            var bit = random.Next(whole.Length * 8);
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            await RefusedAsync(
                $"bit {bit}", "receipt", Save("receipt", flipped), Save("envelope", chain[8].Envelope.Wire), Origin,
                Save("document", fixture.Document.Bytes), Keys(fixture));
        }
    }

    private static IEnumerable<(string What, MemoryLedgerStore Store)> Damaged(MemoryLedgerStore whole)
    {
        string[] blobs =
        [
            "head", "checkpoint", "certificate/", "tile/entries/001", "tile/0/001", "tile/1/000", "stream/us-normal/00000000",
        ];
        foreach (var blob in blobs)
        {
            var name = whole.Names.First(name => name.StartsWith($"{Ledger}/{blob}", StringComparison.Ordinal));
            var flipped = whole.Clone();
            flipped.Set(name, Flip(whole.Find(name)!.Content));
            yield return ($"{blob} flipped", flipped);
        }

        var gone = whole.Clone();
        gone.Set($"{Ledger}/tile/entries/000", null);
        yield return ("a bundle gone", gone);
    }

    private static byte[] Flip(ReadOnlyMemory<byte> content)
    {
        var bytes = content.ToArray();
        bytes[bytes.Length / 2] ^= 1;
        return bytes;
    }

    private static async Task<WebApplication> ServeAsync(MemoryLedgerStore store)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet(
            "/api/negotiations/{**path}",
            (string path) => store.Find(Stored(path)) is { } blob ? Results.Bytes(blob.Content.ToArray()) : Results.NotFound());
        await app.StartAsync(Cancel);
        return app;
    }

    // Documents are served by the digest's base64url, and stored by its hexadecimal digits.
    private static string Stored(string path)
    {
        var at = path.IndexOf("/policies/", StringComparison.Ordinal);
        if (at < 0 || !Digest.TryParse(path[(at + "/policies/".Length)..], out var digest)) return path;
        return $"{path[..at]}/policy/{Convert.ToHexStringLower(digest.ToArray())}";
    }

    // The folder store's files, written by hand: a change of their form must not pass unseen.
    private string Write(MemoryLedgerStore store)
    {
        var root = System.IO.Directory.CreateDirectory(Path.Combine(_folder.Path, Guid.NewGuid().ToString("N"))).FullName;
        foreach (var name in store.Names)
        {
            var content = store.Find(name)!.Content.Span;
            var length = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(length, (uint)content.Length);
            var path = Path.Combine(root, name);
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, [.. "RELAYLB1"u8, .. length, .. SHA256.HashData(content), .. content]);
        }

        return root;
    }

    private string Keys(LedgerFixture fixture, string? keyId = null)
    {
        var jwk = Encoding.UTF8.GetString(fixture.Certifier.PublicKey.Public.ToJson());
        var named = jwk.Contains("\"kid\"", StringComparison.Ordinal)
            ? jwk
            : jwk[..^1] + $",\"kid\":\"{keyId ?? fixture.Certifier.KeyId}\"}}";
        string[] all = [named, .. new[] { "qatar", "oman" }.Select(name => TestNegotiation.KeyId(name)).Select(Mediator)];
        return Save($"keys-{Guid.NewGuid():N}", Encoding.UTF8.GetBytes($"{{\"keys\":[{string.Join(',', all)}]}}"));
    }

    private static string Mediator(string id) => Encoding.UTF8.GetString(LedgerFixture.FindMediator(id)!.ToJson());

    private string Save(string name, ReadOnlyMemory<byte> content)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllBytes(path, content.Span);
        return path;
    }

    // Times in the file are whole seconds; the entry is of the first moment of one.
    [Theory]
    [InlineData("\"nbf\":THEN", "qatar", 0)]
    [InlineData("\"nbf\":AFTER", "qatar", 2)]
    [InlineData("\"exp\":AFTER", "qatar", 0)]
    [InlineData("\"exp\":THEN", "qatar", 2)]
    [InlineData("\"compromised\":AFTER", "qatar", 0)]
    [InlineData("\"compromised\":THEN", "qatar", 2)]
    [InlineData("\"compromised\":AFTER", "relay", 2)]
    [InlineData("\"kid\":\"https://kv.vault.azure.net/keys/mediator-qatar/0\"", "qatar", 2)]
    public async Task Folder_ByTheTimeOfAKey_IsProvedInItAlone(string member, string whose, int exitCode)
    {
        await using var fixture = new LedgerFixture();
        var at = fixture.Time.GetUtcNow();
        Assert.Equal(0, at.Millisecond);
        Assert.True((await fixture.CommitAsync(fixture.Make(1, null))).IsLogged);
        await fixture.Ledgers.DisposeAsync();
        var seconds = at.ToUnixTimeSeconds();
        var time = member.Replace("THEN", Number(seconds), StringComparison.Ordinal)
            .Replace("AFTER", Number(seconds + 1), StringComparison.Ordinal);
        var file = Keys(fixture);
        var set = JsonNode.Parse(await File.ReadAllTextAsync(file, Cancel))!;
        var key = set["keys"]!.AsArray().Select(one => one!.AsObject())
            .First(one => ((string)one["kid"]!).Contains(whose == "relay" ? fixture.Certifier.KeyId : whose, StringComparison.Ordinal));
        foreach (var (name, value) in JsonNode.Parse($"{{{time}}}")!.AsObject()) key[name] = value!.DeepClone();
        await File.WriteAllTextAsync(file, set.ToJsonString(), Cancel);
        string[] arguments = ["folder", Write(fixture.Store), Ledger, file];
        var result = await NodeRunner.RunAsync([], Path.Combine("Node", "ledger-verifier.mjs"), arguments, null, Cancel);
        Assert.True(exitCode == result.ExitCode, $"{result.ExitCode}: {result.Output} {result.Errors}");
        Assert.StartsWith(exitCode == 0 ? "ok " : "not proved: ", result.Output, StringComparison.Ordinal);

        static string Number(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task AcceptedAsync(string expected, params string[] arguments)
    {
        var result = await NodeRunner.RunAsync([], Path.Combine("Node", "ledger-verifier.mjs"), arguments, null, Cancel);
        Assert.Equal(expected, result.AssertSucceeded().Output.Trim());
    }

    private static async Task RefusedAsync(string what, params string[] arguments)
    {
        var result = await NodeRunner.RunAsync([], Path.Combine("Node", "ledger-verifier.mjs"), arguments, null, Cancel);
        Assert.True(
            result.ExitCode == 1 && result.Output.StartsWith("refused: ", StringComparison.Ordinal),
            $"{what}: {result.ExitCode} {result.Output} {result.Errors}");
    }
}
