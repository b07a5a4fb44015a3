using System.Net;
using Relay.Client.Delegations;
using Relay.Client.Ledger;
using Relay.Client.Tests.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.Client.Tests.Delegations;

public sealed class AcknowledgementOutboxTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly TestRelay _relay;
    private readonly TestLedger _ledger;
    private readonly LedgerTrust _trust;
    private readonly AcknowledgingRelay _http;
    private readonly HttpClient _client;
    private readonly LocalSigner _identity;
    private readonly List<(string Said, AcknowledgementReplyKind Kind)> _settled = [];
    private byte[] _file = [];

    public AcknowledgementOutboxTests()
    {
        _relay = new TestRelay(_samples.Time.GetUtcNow());
        _ledger = new TestLedger(_relay);
        _trust = _relay.Trust(_samples.Time);
        _http = new AcknowledgingRelay(_ledger, _samples.Document.PolicyDigest, _samples.Time);
        _client = new HttpClient(_http) { BaseAddress = new Uri("https://relay.example/") };
        _identity = new LocalSigner(_samples["iran#1"]);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _identity.Dispose();
        _trust.Dispose();
        _relay.Dispose();
        _samples.Dispose();
    }

    [Fact]
    public async Task Start_WithSomethingToSay_SendsItAndForgetsItOnceTheReceiptHolds()
    {
        await using var outbox = Outbox();
        outbox.Start();
        Assert.True(await outbox.AddAsync(await ResultAsync(1, InboxFault.None), Token));
        Assert.True(await outbox.AddAsync(await ResultAsync(2, InboxFault.NotOpened), Token));
        Assert.True(await outbox.AddAsync(await ResultAsync(3, InboxFault.Duplicate), Token));
        await TestDeadline.Until(() => outbox.Pending == 0, "both receipts");
        Assert.Equal(["doha-2026/us/normal/1 opened", "doha-2026/us/normal/2 refused (not-opened)"], _http.Asked);
        Assert.Empty(_file);
        Assert.Equal([AcknowledgementReplyKind.Logged, AcknowledgementReplyKind.Logged], _settled.Select(one => one.Kind));
    }

    [Fact]
    public async Task Start_WhileTheRelayIsDown_AsksEverMoreSeldomAndThenGoesOn()
    {
        _http.IsDown = true;
        await using var outbox = Outbox();
        outbox.Start();
        await outbox.AddAsync(await ResultAsync(1, InboxFault.None), Token);
        var asked = 0;
        foreach (var pause in new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 })
        {
            asked++;
            await TestDeadline.Until(() => _http.Asked.Count == asked && _samples.Time.IsArmed(TimeSpan.FromSeconds(pause)), $"{pause} s");
            _samples.Time.Advance(TimeSpan.FromSeconds(pause));
        }

        // What comes in the meantime waits too: the relay does not answer.
        await TestDeadline.Until(() => _samples.Time.IsArmed(TimeSpan.FromMinutes(5)), "the next pause");
        await outbox.AddAsync(await ResultAsync(2, InboxFault.None), Token);
        Assert.Equal((2, asked + 1), (outbox.Pending, _http.Asked.Count));
        _http.IsDown = false;
        _samples.Time.Advance(TimeSpan.FromMinutes(5));
        await TestDeadline.Until(() => outbox.Pending == 0, "both receipts");
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable, 30, 30)]
    [InlineData(HttpStatusCode.TooManyRequests, null, 1)]
    [InlineData(HttpStatusCode.InternalServerError, null, 1)]
    public async Task Start_ToldToWait_WaitsAsLongAsItIsTold(HttpStatusCode says, int? retryAfter, int seconds)
    {
        (_http.Says, _http.RetryAfter) = (says, retryAfter is { } wait ? TimeSpan.FromSeconds(wait) : null);
        await using var outbox = Outbox();
        outbox.Start();
        await outbox.AddAsync(await ResultAsync(1, InboxFault.None), Token);
        await TestDeadline.Until(() => _samples.Time.IsArmed(TimeSpan.FromSeconds(seconds)), "the pause");
        _http.Says = null;
        _samples.Time.Advance(TimeSpan.FromSeconds(seconds));
        await TestDeadline.Until(() => outbox.Pending == 0, "the receipt");
    }

    // A process that ends at any time: what it had to say is said by the next one, once in the ledger.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_AfterACrash_SendsWhatIsKept(bool answered)
    {
        _http.IsDown = !answered;
        // The relay has it, and the answer never came: to the ledger it is the same again.
        if (answered) _http.Spoil = _ => [];
        await using (var crashed = Outbox())
        {
            crashed.Start();
            await crashed.AddAsync(await ResultAsync(1, InboxFault.None), Token);
            await TestDeadline.Until(() => _http.Asked.Count > 0, "the first try");
        }

        Assert.NotEmpty(_file);
        (_http.IsDown, _http.Spoil) = (false, receipt => receipt);
        await using var next = Outbox();
        Assert.Equal(1, next.Pending);
        next.Start();
        Assert.True(await next.DrainAsync(TimeSpan.FromMinutes(1), Token));
        Assert.Equal(1, _ledger.Size);
        Assert.Empty(_file);
    }

    [Fact]
    public async Task AddAsync_BeforeItReturns_HasItKept()
    {
        await using var outbox = Outbox();
        var result = await ResultAsync(1, InboxFault.None);
        await outbox.AddAsync(result, Token);
        Assert.True(AcknowledgementOutbox.TryRead(_file, out var kept));
        Assert.Equal((result.Envelope!.Id, result.Envelope.Digest), (Assert.Single(kept).Id, kept[0].Digest));
        Assert.Equal(AcknowledgementFault.None, kept[0].Verify(_samples.Document, out _));
        // It came again, because the message was not settled: it is said once.
        await outbox.AddAsync(result, Token);
        Assert.Equal(1, outbox.Pending);
        Assert.False(AcknowledgementOutbox.TryRead(_file.AsSpan(1), out _));
        Assert.False(AcknowledgementOutbox.TryRead([.. _file, (byte)'{'], out _));
    }

    [Fact]
    public async Task SettleAsync_OfAMessage_KeepsWhatIsToBeSaidBeforeItSaves()
    {
        var order = new List<string>();
        var bus = new FakeBus();
        var envelope = await _samples.EnvelopeAsync("hello");
        bus.Inbox.Enqueue(envelope.Wire.ToArray());
        await using var outbox = Outbox(() => order.Add("kept"));
        await using var inbox = new DelegationInbox(
            bus, _samples.Inspector(), InboxOrder.AsItComes, (_, _) => Note("saved"), _samples.Time, outbox);
        var message = await inbox.ReceiveAsync(TimeSpan.FromSeconds(1), Token);
        Assert.Equal(0, outbox.Pending);
        await message!.SettleAsync(Token);
        Assert.Equal(["kept", "saved"], order);
        Assert.Equal((1, "complete"), (outbox.Pending, bus.Calls[^1]));

        ValueTask Note(string what)
        {
            order.Add(what);
            return ValueTask.CompletedTask;
        }
    }

    // A receipt that does not hold proves nothing: the relay is asked again.
    [Theory]
    [InlineData("nothing")]
    [InlineData("of another")]
    [InlineData("unsigned")]
    public async Task Start_AnsweredWithAReceiptThatDoesNotHold_AsksAgain(string what)
    {
        var other = await _samples.EnvelopeAsync("other");
        var foreign = _ledger.Append(other, _samples.Document.PolicyDigest, _samples.Time.GetUtcNow());
        _http.Spoil = receipt => what switch
        {
            "nothing" => [],
            "of another" => Samples.Utf8(_ledger.Receipt(foreign)),
            _ => Samples.Utf8(System.Text.Encoding.UTF8.GetString(receipt).Replace("index 1", "index 0", StringComparison.Ordinal)),
        };
        await using var outbox = Outbox();
        outbox.Start();
        await outbox.AddAsync(await ResultAsync(1, InboxFault.None), Token);
        await TestDeadline.Until(() => _samples.Time.IsArmed(TimeSpan.FromSeconds(1)), "the pause");
        Assert.Equal((1, 1), (outbox.Pending, _http.Asked.Count));
        _http.Spoil = receipt => receipt;
        _samples.Time.Advance(TimeSpan.FromSeconds(1));
        await TestDeadline.Until(() => outbox.Pending == 0, "the receipt");
    }

    [Theory]
    [InlineData(HttpStatusCode.Conflict)]
    [InlineData(HttpStatusCode.BadRequest)]
    public async Task Start_RefusedForGood_ForgetsItAndSaysSo(HttpStatusCode says)
    {
        _http.Says = says;
        await using var outbox = Outbox();
        outbox.Start();
        await outbox.AddAsync(await ResultAsync(1, InboxFault.None), Token);
        await TestDeadline.Until(() => outbox.Pending == 0, "the end");
        Assert.Equal([("doha-2026/us/normal/1 opened", AcknowledgementReplyKind.Refused)], _settled);
    }

    [Fact]
    public async Task Start_NotTakenForAMonth_GivesThatOneUp()
    {
        _http.Says = HttpStatusCode.Forbidden;
        await using var outbox = Outbox();
        outbox.Start();
        await outbox.AddAsync(await ResultAsync(1, InboxFault.None), Token);
        await TestDeadline.Until(() => _samples.Time.IsArmed(TimeSpan.FromSeconds(1)), "the pause");
        _samples.Time.Advance(TimeSpan.FromDays(30));
        await TestDeadline.Until(() => outbox.Pending == 0, "the end");
        Assert.Equal([("doha-2026/us/normal/1 opened", AcknowledgementReplyKind.NotYet)], _settled);
    }

    [Fact]
    public async Task DrainAsync_PastItsPatience_IsFalse()
    {
        _http.IsDown = true;
        await using var outbox = Outbox();
        outbox.Start();
        Assert.True(await outbox.DrainAsync(TimeSpan.Zero, Token));
        await outbox.AddAsync(await ResultAsync(1, InboxFault.None), Token);
        Assert.False(await outbox.DrainAsync(TimeSpan.Zero, Token));
        Assert.Equal(1, outbox.Pending);
    }

    [Fact]
    public async Task AddAsync_OfEveryFault_SaysOnlyWhatIsTheEnvelopesOwn()
    {
        var said = new List<string>();
        foreach (var fault in Enum.GetValues<InboxFault>())
        {
            await using var outbox = Outbox();
            await outbox.AddAsync(await ResultAsync(1, fault), Token);
            if (!AcknowledgementOutbox.TryRead(_file, out var kept) || kept.IsEmpty) continue;
            said.Add(kept[0].ToString());
            _file = [];
        }

        // No word of why it did not open: that would tell whoever made it how far it came.
        Assert.Equal(
            ["opened", "refused (sender-not-allowed)", "refused (quorum-not-met)", "refused (expired)", "refused (not-opened)"], said);
    }

    [Fact]
    public async Task AddAsync_WithoutRoom_SaysSoAndCountsIt()
    {
        var (head, lines) = ((await _samples.EnvelopeAsync("kept")).Head, new List<byte>());
        for (var sequence = 2; sequence <= AcknowledgementOutbox.MaxPending + 1; sequence++)
        {
            var draft = new AcknowledgementDraft
            {
                Id = head.Id with { Sequence = sequence },
                Digest = head.Digest,
                Reason = null,
                IssuedAt = _samples.Time.GetUtcNow(),
            };
            lines.AddRange((await Acknowledgement.SignAsync(draft, _identity, Token)).Bytes.ToArray());
            lines.Add((byte)'\n');
        }
        _file = [.. lines];

        await using var outbox = Outbox();
        Assert.Equal(AcknowledgementOutbox.MaxPending, outbox.Pending);
        Assert.False(await outbox.AddAsync(await ResultAsync(1, InboxFault.None), Token));
        Assert.Equal((AcknowledgementOutbox.MaxPending, 1), (outbox.Pending, outbox.LeftOut));
    }

    private AcknowledgementOutbox Outbox(Action? saved = null)
    {
        Assert.True(AcknowledgementOutbox.TryRead(_file, out var kept));
        return new AcknowledgementOutbox(
            _identity,
            new AcknowledgementSubmitter(_client, _trust, _samples.Document, _samples.Time),
            kept,
            (bytes, _) =>
            {
                _file = bytes.ToArray();
                saved?.Invoke();
                return ValueTask.CompletedTask;
            },
            (said, reply, _) =>
            {
                _settled.Add(($"{said.Id} {said}", reply.Kind));
                return ValueTask.CompletedTask;
            },
            _samples.Time);
    }

    private async Task<InboxResult> ResultAsync(long sequence, InboxFault fault)
    {
        var id = new EnvelopeId("doha-2026", "us", Lane.Normal, 1);
        var envelope = await _samples.EnvelopeAsync($"number {sequence}");
        for (var at = 1; at < sequence; at++) envelope = await _samples.EnvelopeAsync("next", StreamPosition.After(envelope.Head));
        Assert.Equal(id with { Sequence = sequence }, envelope.Id);
        return new InboxResult
        {
            Fault = fault,
            Detail = "",
            Envelope = fault == InboxFault.NotAnEnvelope ? null : envelope,
            SealingFault = fault == InboxFault.NotOpened ? SealingFault.BrokenCommitment : SealingFault.None,
        };
    }
}
