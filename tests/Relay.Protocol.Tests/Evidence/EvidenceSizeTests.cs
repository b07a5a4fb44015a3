using System.Security.Cryptography;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Tests.Ledger;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Evidence;

/// <summary>
/// How long evidence is in a ledger of a million entries: at most 4,096 bytes, and what is longer, with the reason in numbers. A tree is of
/// 2^20 entries, so that each proof has 20 hashes; of two entries one is at its begin and one at its end, so that their proofs share none.
/// </summary>
public sealed class EvidenceSizeTests(ITestOutputHelper output) : IDisposable
{
    private const int Most = 4096;
    private const int Million = 1 << 20;

    private readonly EvidenceSamples _samples = new();

    public void Dispose() => _samples.Dispose();

    [Fact]
    public async Task Create_EachLieInALedgerOfAMillion_TakesAtMost4096Bytes()
    {
        var lies = new EvidenceLies(_samples, Million);
        foreach (var kind in Enum.GetValues<LieKind>())
        {
            foreach (var file in await lies.OfAsync(kind))
            {
                var verdict = EvidenceJudge.Judge(file, _samples.Inputs);
                Assert.True(verdict.Standing == EvidenceStanding.Proved, $"{verdict.Fault}: {verdict.Detail}");
                Assert.All(file.Leaves, leaf => Assert.Equal(20, leaf.Proof.Length));
                output.WriteLine($"{kind.ToText()}{(file.Document.IsEmpty ? "" : " with its document")}: {file.Bytes.Length} bytes");
                Assert.InRange(file.Bytes.Length, 512, Most);
            }
        }
    }

    // Two envelopes, the longest evidence without a document, by how many signatures each has and of how many bytes: 64 on P-256, those of
    // its modulus with RSA, and 425 in a batch of 1,024.
    [Theory]
    [InlineData(1, 2, 64, 3540, true)]
    [InlineData(1, 3, 64, 3852, true)]
    [InlineData(1, 4, 64, 4168, false)]
    [InlineData(2, 2, 64, 3992, true)]
    [InlineData(2, 3, 64, 4308, false)]
    [InlineData(1, 1, 256, 3740, true)]
    [InlineData(1, 2, 256, 4564, false)]
    [InlineData(1, 1, 512, 4421, false)]
    [InlineData(1, 2, 512, 5924, false)]
    [InlineData(1, 2, 425, 5460, false)]
    [InlineData(1, 1, 425, 4189, false)]
    public async Task Create_TwoEnvelopes_FitByTheirSignatures(int trees, int signatures, int bytes, int about, bool isShort)
    {
        var entries = Enumerable.Range(1, 2).Select(sequence => Entry(sequence, signatures, bytes)).ToArray();
        EvidenceTree[] made = trees == 1
            ? [await _samples.TreeAsync(Million, (3, entries[0]), (Million - 4, entries[1]))]
            :
            [
                await _samples.TreeAsync(Million, (3, entries[0])),
                await _samples.TreeAsync(Million, LedgerSamples.Start.AddMinutes(50), (Million - 4, entries[1])),
            ];
        AssertLength(EvidenceFile.Create(LieKind.BrokenChain, [.. made]), about, isShort);
    }

    // What one part alone makes too long.
    [Theory]
    [InlineData(LieKind.ForgedPrekeys, 9, 3932, true)] // one-time keys of a bundle, some 197 bytes each
    [InlineData(LieKind.ForgedPrekeys, 10, 4130, false)]
    [InlineData(LieKind.ForgedPrekeys, 100, 21898, false)]
    [InlineData(LieKind.NoQuorum, 13, 4044, true)] // mediators of a document, 74 bytes each
    [InlineData(LieKind.NoQuorum, 14, 4118, false)]
    [InlineData(LieKind.NoQuorum, 64, 7813, false)]
    [InlineData(LieKind.UnreadableEntry, 1800, 3957, true)]
    [InlineData(LieKind.UnreadableEntry, 40000, 54893, false)] // bytes that are no text, in base64
    [InlineData(LieKind.ForeignEntry, 35, 4058, true)]
    [InlineData(LieKind.ForeignEntry, 64, 5595, false)] // addressees with names of 50 characters
    [InlineData(LieKind.WrongWrap, 400, 4000, true)]
    [InlineData(LieKind.WrongWrap, 1000, 4857, false)] // bytes of what was sealed, in base64url
    public async Task Create_LieWithALongPart_IsLongByIt(LieKind kind, int count, int about, bool isShort) => AssertLength(
        kind switch
        {
            LieKind.ForgedPrekeys => await new PrekeyLies(_samples, Million).ForgedAsync(count),
            LieKind.NoQuorum => await MediatorsAsync(count),
            LieKind.UnreadableEntry => EvidenceFile.Create(
                kind, [await _samples.TreeAsync(Million, (4, RandomNumberGenerator.GetBytes(count)))]),
            LieKind.ForeignEntry => await AddresseesAsync(count),
            _ => await new WrapLies(_samples).LongAsync(Million, count),
        },
        about,
        isShort);

    private void AssertLength(EvidenceFile file, int about, bool isShort)
    {
        output.WriteLine($"{file.Bytes.Length} bytes");
        // Signatures in DER are of 70 to 72 bytes.
        Assert.InRange(file.Bytes.Length, about - 24, about + 24);
        Assert.Equal(isShort, file.Bytes.Length <= Most);
    }

    private static byte[] Entry(int sequence, int signatures, int bytes, string[]? audience = null)
    {
        var draft = Samples.Draft(sequence) with { Previous = sequence == 1 ? null : Digest.Of([9]) };
        var head = EvidenceSamples.Head(audience is null ? draft : draft with { Audience = [.. audience] });
        var lines = Enumerable.Range(0, signatures).Select(i =>
        {
            var algorithm = bytes == 64 ? "ES256" : "PS256";
            var header = $$"""{"alg":"{{algorithm}}","kid":"{{Samples.KeyId($"m{i:d4}")}}","typ":"relay-envelope"}""";
            return $"{StrictBase64.Encode(Samples.Utf8(header))} {StrictBase64.Encode(RandomNumberGenerator.GetBytes(bytes))}\n";
        });
        var text = Samples.Utf8(
            $"relay/envelope/v2\n{LedgerSamples.Start.ToUnixTimeMilliseconds()}\n{StrictBase64.Encode(Digest.Of([1]))}\n"
                + $"{StrictBase64.Encode(head.Bytes.Span)}\n{string.Concat(lines)}");
        Assert.True(LedgerEntry.TryParse(text, out _, out var error), error);
        return text;
    }

    private async Task<EvidenceFile> MediatorsAsync(int count)
    {
        var mediators = Enumerable.Range(0, count).Select(i =>
            $$"""
            "m{{i:d3}}":{"key":"https://kv.vault.azure.net/keys/mediator-m{{i:d3}}","weight":1}
            """);
        var json = Samples.Text(_samples.Document.Bytes.Span);
        var start = json.IndexOf("\"mediators\":{", StringComparison.Ordinal) + 13;
        var end = json.IndexOf("},\"quorum\"", StringComparison.Ordinal);
        json = $"{json[..start]}{string.Join(',', mediators)}{json[end..]}";
        return EvidenceFile.Create(
            LieKind.NoQuorum, [await _samples.TreeAsync(Million, (4, Entry(1, 2, 64)))], null, Samples.Utf8(json));
    }

    private async Task<EvidenceFile> AddresseesAsync(int count)
    {
        var names = Enumerable.Range(0, count).Select(i => $"d{i:d3}-{new string('x', 45)}").ToArray();
        return EvidenceFile.Create(LieKind.ForeignEntry, [await _samples.TreeAsync(Million, (4, Entry(1, 2, 64, names)))]);
    }
}
