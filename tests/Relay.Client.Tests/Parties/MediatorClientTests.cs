using System.Net;
using Azure.Messaging.ServiceBus;
using Relay.Client.Delegations;
using Relay.Client.Keys;
using Relay.Client.Mediators;
using Relay.Client.Parties;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.Client.Tests.Parties;

public sealed class MediatorClientTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly ScriptedRelay _relay = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _samples.Dispose();

    [Fact]
    public async Task SignAsync_SealedThenEnvelopeThenHead_CarriesEverySignersSignature()
    {
        var made = await _samples.Sealer().SealAsync(Samples.Say("x"), StreamPosition.Start, Cancel);
        var qatar = await Client("qatar").SignAsync(made, Cancel);
        var both = await Client("swiss").SignAsync(qatar, Cancel);
        Assert.Equal([Samples.KeyId("qatar"), Samples.KeyId("swiss")], both.Signatures.Select(signature => signature.Key.Text));
        var alone = await Client("swiss").SignAsync(qatar.SignedBy([]), Cancel);
        var builder = new EnvelopeBuilder(qatar);
        builder.Attach(alone);
        Assert.True(Envelope.TryParse(builder.ToWire(), EnvelopeLimits.Default, out var attached, out _, out var detail), detail);
        Assert.Equal(2, attached.Signatures.Length);
    }

    [Fact]
    public async Task SignAsync_ManyAtOnceInBatches_IsTwoCallsOfEachKeyAndEverySignatureCounts()
    {
        const int Many = 40;
        CountingSigner[] signers = [.. new[] { "qatar", "swiss" }.Select(name => new CountingSigner(_samples[Samples.KeyId(name)]))];
        await using var client = new MediatorClient(
            signers, _relay, new MediatorClientOptions { Batches = new BatchSigningOptions(), Time = _samples.Time });
        var (sealer, position, made) = (_samples.Sealer(), StreamPosition.Start, new List<SealedEnvelope>());
        for (var i = 0; i < Many; i++)
        {
            made.Add(await sealer.SealAsync(Samples.Say($"{i}"), position, Cancel));
            position = StreamPosition.After(made[^1].Head);
        }

        // The first goes by itself, at once; the others wait together.
        var signing = made.ConvertAll(one => client.SignAsync(one, Cancel));
        _samples.Time.Advance(BatchSigningOptions.LongestWait);
        var signed = await TestDeadline.Within(Task.WhenAll(signing));
        Assert.All(signers, signer => Assert.Equal(2, signer.Calls));
        var verifier = new QuorumVerifier(_samples.MediatorKeys);
        foreach (var envelope in signed)
        {
            var quorum = await verifier.VerifyAsync(envelope.Signatures, _samples.Document, null, Cancel);
            Assert.Equal(["qatar", "swiss"], quorum.Counted);
        }

        var head = client.SignAsync(signed[0].SignedBy([]), Cancel);
        _samples.Time.Advance(BatchSigningOptions.LongestWait);
        Assert.Equal(2, (await TestDeadline.Within(head)).Signatures.Length);
        Array.ForEach(signers, signer => signer.Dispose());
    }

    [Fact]
    public async Task SubmitAsync_RelaySaysNotNow_IsAskedAgainAfterWhatItSaysWithTheSameBytes()
    {
        var envelope = await _samples.EnvelopeAsync();
        _relay.Say(
            Refused(HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(7)),
            Refused(HttpStatusCode.ServiceUnavailable, TimeSpan.FromMinutes(2)));

        var submitting = Client("qatar").SubmitAsync(envelope, Cancel);
        await TestDeadline.Until(() => _samples.Time.IsArmed(TimeSpan.FromSeconds(7)), "the first pause is as long as the relay asks");
        _samples.Time.Advance(TimeSpan.FromSeconds(7));
        await TestDeadline.Until(() => _samples.Time.IsArmed(TimeSpan.FromMinutes(2)), "the second too, longer than any of our own");
        _samples.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("queued", (await TestDeadline.Within(submitting)).Status);
        Assert.Equal(3, _relay.Came.Count);
        Assert.All(_relay.Came, came => Assert.Same(envelope, came));
    }

    [Fact]
    public async Task SubmitAsync_BusIsBusy_IsAskedAgain()
    {
        _relay.Say(new ServiceBusException("busy", ServiceBusFailureReason.ServiceBusy));
        var submitting = Client("qatar").SubmitAsync(await _samples.EnvelopeAsync(), Cancel);
        await TestDeadline.Until(() => _samples.Time.ArmedTimers == 1, "it pauses");
        _samples.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("queued", (await TestDeadline.Within(submitting)).Status);
    }

    public static TheoryData<Exception> Final => new()
    {
        new EnvelopeRefusedException("no") { Status = (HttpStatusCode)422, Reason = "quorum-not-met" },
        new EnvelopeRefusedException("a gateway") { Status = HttpStatusCode.BadGateway },
        new HttpRequestException("cut off"),
        new ServiceBusException("no answer", ServiceBusFailureReason.ServiceTimeout),
        new ServiceBusException("gone", ServiceBusFailureReason.MessagingEntityNotFound),
    };

    [Theory]
    [MemberData(nameof(Final), DisableDiscoveryEnumeration = true)]
    public async Task SubmitAsync_NoOrNoAnswer_IsTheCallersAtOnce(Exception said)
    {
        _relay.Say(said);
        var envelope = await _samples.EnvelopeAsync();
        Assert.Same(said, await Record.ExceptionAsync(() => Client("qatar").SubmitAsync(envelope, Cancel)));
        Assert.Single(_relay.Came);
    }

    [Fact]
    public async Task SubmitAsync_NotNowToTheLast_ThrowsThatAnswer()
    {
        var last = Refused(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(2));
        _relay.Say(Refused(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)), last);
        var client = Client("qatar", new MediatorClientOptions { MaxAttempts = 2, Time = _samples.Time });
        var submitting = client.SubmitAsync(await _samples.EnvelopeAsync(), Cancel);
        await TestDeadline.Until(() => _samples.Time.IsArmed(TimeSpan.FromSeconds(1)), "it pauses");
        _samples.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Same(last, await Record.ExceptionAsync(() => TestDeadline.Within(submitting)));
        Assert.Equal(2, _relay.Came.Count);
    }

    [Fact]
    public void Constructor_WithoutSignersOrWithOptionsOutOfRange_Throws()
    {
        Assert.Throws<ArgumentException>(() => new MediatorClient([], _relay));
        var signers = new[] { new LocalSigner(_samples[Samples.KeyId("qatar")]) };
        var none = new MediatorClientOptions { MaxAttempts = 0 };
        Assert.Throws<ArgumentOutOfRangeException>(() => new MediatorClient(signers, _relay, none));
        var tooLong = new MediatorClientOptions { FirstPause = TimeSpan.FromMinutes(1) };
        Assert.Throws<ArgumentOutOfRangeException>(() => new MediatorClient(signers, _relay, tooLong));
    }

    private static EnvelopeRefusedException Refused(HttpStatusCode status, TimeSpan retryAfter) =>
        new("not now") { Status = status, RetryAfter = retryAfter };

    private MediatorClient Client(string mediator, MediatorClientOptions? options = null) =>
        new([new LocalSigner(_samples[Samples.KeyId(mediator)])], _relay, options ?? new MediatorClientOptions { Time = _samples.Time });

    private sealed class CountingSigner(PrivateJwk key) : IJwsSigner, IDisposable
    {
        private readonly LocalSigner _signer = new(key);
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public string KeyId => _signer.KeyId;

        public JwsAlgorithm Algorithm => _signer.Algorithm;

        public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            return _signer.SignAsync(hash, cancellationToken);
        }

        public void Dispose() => _signer.Dispose();
    }

    private sealed class ScriptedRelay : IEnvelopeSubmitter
    {
        private readonly Queue<Exception> _answers = [];

        public List<Envelope> Came { get; } = [];

        public void Say(params Exception[] answers) => Array.ForEach(answers, _answers.Enqueue);

        public Task<Submission> SubmitAsync(Envelope envelope, CancellationToken cancellationToken)
        {
            Came.Add(envelope);
            return _answers.TryDequeue(out var answer)
                ? Task.FromException<Submission>(answer)
                : Task.FromResult(new Submission(envelope.Id.ToString(), "queued", null));
        }
    }
}
