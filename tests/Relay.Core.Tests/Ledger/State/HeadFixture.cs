using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.State;
using Relay.Core.Rates;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Core.Tests.Ledger.State;

/// <summary>A head with something in every member, signed by a certified key.</summary>
internal sealed class HeadFixture : IAsyncDisposable
{
    public const string Origin = "relay.example/doha-2026";

    public HeadFixture()
    {
        Keys = new CheckpointKeys(Certifier, "relay.example", TimeSpan.FromSeconds(10), Time, NullLogger<CheckpointKeys>.Instance);
        Ring = new CheckpointKeyRing(Certifier);
        Verifier = new HeadVerifier(Ring);
    }

    public ManualTimeProvider Time { get; } = new();

    public LocalCertifier Certifier { get; } = new();

    public CheckpointKeys Keys { get; }

    public CheckpointKeyRing Ring { get; }

    public HeadVerifier Verifier { get; }

    public LedgerState State()
    {
        var range = new CompactRange();
        for (var i = 0; i < 5; i++)
        {
            range.Append(Digest.Of([(byte)i]));
        }

        var exp = Time.GetUtcNow() + TimeSpan.FromHours(1);
        return new LedgerState
        {
            Commit = 3,
            Range = range,
            At = Time.GetUtcNow(),
            Policy = new PolicyState(7, Digest.Of("policy"u8)),
            Streams =
            [
                new StreamState(
                    "us",
                    Lane.Normal,
                    2,
                    Digest.Of("two"u8),
                    Digest.Of("chunk"u8),
                    [new HeldEnvelope(4, Digest.Of("four"u8), Digest.Of("blob"u8), exp)])
                {
                    Due = Gcra.Microseconds(Time.GetUtcNow()) + 50_000,
                },
                new StreamState(
                    "iran", Lane.Urgent, 0, default, default, [new HeldEnvelope(9, Digest.Of("nine"u8), Digest.Of("blob9"u8), exp)]),
            ],
            Due = Gcra.Microseconds(Time.GetUtcNow()) + 1,
            Outstanding =
            [
                new OutstandingEntry(1, exp, null), new OutstandingEntry(3, exp, new ReleasedEnvelope(0, 2, Digest.Of("two blob"u8))),
            ],
        };
    }

    /// <summary>The key for what is dated now, or so far from now.</summary>
    public ValueTask<CheckpointSigner?> GetKeyAsync(TimeSpan away = default) =>
        Keys.GetAsync(Time.GetUtcNow() + away, TestContext.Current.CancellationToken);

    public async Task<(LedgerHead Head, SignedNote Note)> SignAsync(LedgerState state, string origin = Origin, StagedCommit? staged = null)
    {
        var signer = await GetKeyAsync();
        Assert.NotNull(signer);
        using var name = signer.CreateNoteKey(origin);
        var checkpoint = await signer.SignAsync(
            new Checkpoint(origin, state.Size, state.Range.Root()).ToBytes(), name, TestContext.Current.CancellationToken);
        var head = new LedgerHead(origin, state, staged, checkpoint, signer.Certificate);
        return (head, await signer.SignAsync(HeadCodec.WriteText(head), name, TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        Ring.Dispose();
        await Keys.DisposeAsync();
        Certifier.Dispose();
    }

    public static ImmutableArray<HeldEnvelope> Held(int count, long first, DateTimeOffset exp) =>
        [.. Enumerable.Range(0, count).Select(i => new HeldEnvelope(first + i, Digest.Of([(byte)i]), Digest.Of([1, (byte)i]), exp))];
}
