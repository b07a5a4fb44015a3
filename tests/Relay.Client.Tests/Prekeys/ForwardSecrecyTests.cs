using System.Buffers.Text;
using Relay.Client.Delegations;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Sealing;

namespace Relay.Client.Tests.Prekeys;

/// <summary>
/// All that travels is recorded, and afterwards the attacker is handed every key that there is. Nothing opens but what its receipts name.
/// </summary>
public sealed class ForwardSecrecyTests : IDisposable
{
    private readonly PrekeyParties _parties = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _parties.Dispose();

    [Fact]
    public async Task Recorded_WithEveryKeyThatRemains_OpensWhatTheReceiptsNameAndNothingElse()
    {
        var publisher = _parties.Publisher();
        Assert.True((await publisher.MaintainAsync(Cancel)).IsNew);
        var sealer = _parties.Sealer();
        var state = InboxState.Create("relay.example/doha-2026");
        var inspector = _parties.Inspector(state);
        var recorded = new List<Envelope>();
        var (position, bySender, byRecipient) = (default(StreamPosition), new List<EnvelopeId>(), new List<EnvelopeId>());
        for (var i = 1; i <= 20; i++)
        {
            // Of five keys all are gone by the sixth; refilled before the tenth, again before the nineteenth.
            if (i is 10 or 19) Assert.True((await publisher.MaintainAsync(Cancel)).IsNew);
            _parties.Relay.IsDown = i == 12;
            var made = await sealer.SealStatementAsync(Samples.Say($"secret {i}"), position, Cancel);
            position = StreamPosition.After(made.Envelope.Head);
            if (!made.IsForwardSecret) bySender.Add(made.Envelope.Id);
            var envelope = await _parties.Samples.SignAsync(made.Envelope);
            recorded.Add(envelope);
            var result = await inspector.InspectAsync(envelope.Wire, Cancel);
            Assert.Equal((InboxFault.None, $"secret {i}"), (result.Fault, System.Text.Encoding.UTF8.GetString(result.Statement!.Body)));
            if (result.ReusableKey is not null) byRecipient.Add(envelope.Id);
            state.Streams.Settle(envelope.Id);
            inspector.DeleteUsedKeys(envelope);
        }

        // 6 to 9 found no one-time key, at 12 the relay did not answer, 16 to 18 found none again.
        Assert.Equal([6, 7, 8, 9, 12, 16, 17, 18], bySender.Select(id => id.Sequence));
        Assert.Equal(bySender, byRecipient);

        // With the session keys in their time exactly those open that both sides' receipts name.
        Assert.Equal(bySender, Opened(recorded, RemainingKeys()));
        // In what was stored and sent there is nothing that opens more: no private key travels, and none lies about in the clear.
        Assert.All(Traffic(), text => Assert.DoesNotContain("\"d\":", text, StringComparison.Ordinal));
        Assert.All(Files(), file => Assert.DoesNotContain("\"d\":", File.ReadAllText(file), StringComparison.Ordinal));

        // Once their time is over and that of the envelopes, nothing opens at all.
        _parties.Samples.Time.Advance(TimeSpan.FromDays(32) + EnvelopeLimits.MaxClockSkew + TimeSpan.FromSeconds(1));
        _parties.Iran.DeleteOver(_parties.Samples.Time.GetUtcNow());
        Assert.Empty(Opened(recorded, RemainingKeys()));
        Assert.DoesNotContain(Files(), file => Path.GetFileName(file).StartsWith("key-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Opening_WithACrashAtAnyStep_IsOpenedAgainOrADuplicateAndNeverLost()
    {
        await _parties.Publisher().MaintainAsync(Cancel);
        var sealer = _parties.Sealer();
        var position = default(StreamPosition);
        var saved = InboxState.Create("relay.example/doha-2026").ToBytes();
        InboxState State() => InboxState.TryParse(saved, "relay.example/doha-2026", out var state) ? state : throw new FormatException();
        for (var crash = 0; crash < 3; crash++)
        {
            var made = await sealer.SealAsync(Samples.Say("once"), position, Cancel);
            position = StreamPosition.After(made.Head);
            var envelope = await _parties.Samples.SignAsync(made);
            var keyId = Assert.Single(ContentOpener.ReadKeyIds(made));
            var state = State();
            var inspector = _parties.Inspector(state);
            Assert.Equal(InboxFault.None, (await inspector.InspectAsync(envelope.Wire, Cancel)).Fault);
            // 0: before anything is saved; 1: saved, the key still there; 2: the key gone, the message not settled.
            if (crash >= 1)
            {
                state.Streams.Settle(envelope.Id);
                saved = state.ToBytes();
            }
            if (crash >= 2) inspector.DeleteUsedKeys(envelope);
            _parties.RestartIran();
            state = State();
            inspector = _parties.Inspector(state);
            var again = await inspector.InspectAsync(envelope.Wire, Cancel);
            Assert.Equal((crash, crash == 0 ? InboxFault.None : InboxFault.Duplicate), (crash, again.Fault));
            state.Streams.Settle(envelope.Id);
            saved = state.ToBytes();
            inspector.DeleteUsedKeys(envelope);
            Assert.Null(_parties.Iran.Find(keyId));
        }
    }

    // What an attacker makes of all keys: those in the store, those of the document, the identities.
    private static List<EnvelopeId> Opened(List<Envelope> recorded, List<PrivateJwk> keys)
    {
        var opened = recorded.Where(envelope => ContentOpener.TryOpen(
            envelope.Sealed, keys, null, [], out _, out var fault, out _) || fault is SealingFault.UnknownSigner);
        return [.. opened.Select(envelope => envelope.Id)];
    }

    private List<PrivateJwk> RemainingKeys()
    {
        var keys = new List<PrivateJwk>
        {
            _parties.Samples["iran#enc-1"], _parties.Samples["us#enc-1"], _parties.Samples["iran#1"], _parties.Samples["us#1"],
        };
        foreach (var file in Files().Select(Path.GetFileName))
        {
            if (!file!.StartsWith("key-", StringComparison.Ordinal)) continue;
            var name = file["key-".Length..^".jwe".Length];
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            var key = _parties.Iran.Find($"{name[..dot]}#{name[(dot + 1)..]}");
            Assert.NotNull(key);
            keys.Add(key);
        }

        return keys;
    }

    private IEnumerable<string> Files() =>
        Directory.EnumerateFiles(_parties.Folder.FullName, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "lock");

    private IEnumerable<string> Traffic()
    {
        foreach (var bytes in _parties.Relay.Bodies.Concat(_parties.Relay.Answers).Concat(_parties.Ledger.Entries))
        {
            foreach (var part in System.Text.Encoding.UTF8.GetString(bytes).Split('.', '\n', '"'))
            {
                yield return part;
                if (Base64Url.IsValid(part)) yield return System.Text.Encoding.UTF8.GetString(Base64Url.DecodeFromChars(part));
            }
        }
    }
}
