using System.Net;
using Azure.Messaging.ServiceBus;
using Polly;
using Polly.Retry;
using Relay.Client.Mediators;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Signatures;

namespace Relay.Client.Parties;

/// <summary>
/// Mediators who sign within this process: sign heads, and submit what is signed by queue or HTTP. Safe for concurrent use; the owner
/// disposes it, and whatever it was given.
/// </summary>
/// <remarks>
/// A submission is repeated only when the relay or its bus has said that it did not take the envelope and may later (429, 503, a bus that
/// is busy), and always as the same bytes, which the relay drops when it has them. A reply that never came is told to the caller, who
/// alone knows how long to go on.
/// </remarks>
public sealed class MediatorClient : IAsyncDisposable
{
    private readonly IReadOnlyList<IJwsSigner> _signers;

    // One for each signer; none where each head is signed by itself.
    private readonly List<BatchSigner> _batches = [];
    private readonly IEnvelopeSubmitter _submitter;
    private readonly ResiliencePipeline _retry;

    /// <param name="signers">
    /// One for each mediator, 1 to 32: <see cref="LocalSigner"/>, or a key in a vault.
    /// </param>
    /// <param name="submitter">The way to the relay.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">
    /// There is no signer, there are too many, or one whose key is not on P-256 is to sign in batches.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public MediatorClient(IReadOnlyList<IJwsSigner> signers, IEnvelopeSubmitter submitter, MediatorClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(signers);
        ArgumentNullException.ThrowIfNull(submitter);
        if (signers.Count is < 1 or > EnvelopeLimits.MaxSignatures)
        {
            throw new ArgumentException($"Expected 1 to {EnvelopeLimits.MaxSignatures} signers, got {signers.Count}.", nameof(signers));
        }
        options ??= new MediatorClientOptions();
        options.Check();
        _signers = signers;
        _submitter = submitter;
        _retry = Retry(options);
        if (options.Batches is { } batches) _batches.AddRange(signers.Select(signer => new BatchSigner(signer, batches, options.Time)));
    }

    /// <summary>Signs what was sealed, by every signer.</summary>
    /// <exception cref="ArgumentException">A signer's key id is not a full key identifier.</exception>
    /// <exception cref="SigningFailedException">A key did not sign a batch.</exception>
    public Task<Envelope> SignAsync(SealedEnvelope made, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(made);
        return SignAsync(new EnvelopeBuilder(made), made.Head, cancellationToken);
    }

    /// <summary>Adds the signatures of every signer to an envelope that others have signed already.</summary>
    public Task<Envelope> SignAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return SignAsync(new EnvelopeBuilder(envelope), envelope.Head, cancellationToken);
    }

    /// <summary>Signs a head alone, for mediators who need not hold the content.</summary>
    public async Task<SignedHead> SignAsync(SignedHead head, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(head);
        if (_batches.Count > 0)
        {
            foreach (var signed in await SignInBatchesAsync(head.Head, cancellationToken).ConfigureAwait(false)) head = head.Join(signed);
            return head;
        }
        foreach (var signer in _signers) head = await head.SignAsync(signer, cancellationToken).ConfigureAwait(false);
        return head;
    }

    /// <summary>
    /// Submits an envelope, again while the relay says "not now", up to <see cref="MediatorClientOptions.MaxAttempts"/> times.
    /// </summary>
    /// <exception cref="EnvelopeRefusedException">The relay said no, or "not now" to the last attempt.</exception>
    /// <exception cref="HttpRequestException">No reply came over HTTP: it may have the envelope. Submitting it again is safe.</exception>
    /// <exception cref="ServiceBusException">The bus did not confirm: it may have the envelope. Submitting it again is safe.</exception>
    /// <exception cref="ArgumentException">The envelope has expired.</exception>
    public async Task<Submission> SubmitAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return await _retry.ExecuteAsync(
            static async (state, token) => await state._submitter.SubmitAsync(state.envelope, token).ConfigureAwait(false),
            (_submitter, envelope),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Signs what waits for a batch, and takes no more.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var batch in _batches) await batch.DisposeAsync().ConfigureAwait(false);
    }

    private static bool SaysNotNow(Exception? exception) => exception switch
    {
        EnvelopeRefusedException refused => refused.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable,
        ServiceBusException bus => bus.Reason == ServiceBusFailureReason.ServiceBusy,
        _ => false,
    };

    private static ResiliencePipeline Retry(MediatorClientOptions options)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = options.Time };
        if (options.MaxAttempts > 1)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.MaxAttempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.FirstPause,
                MaxDelay = options.LongestPause,
                ShouldHandle = static arguments => ValueTask.FromResult(SaysNotNow(arguments.Outcome.Exception)),
                DelayGenerator = static arguments =>
                    ValueTask.FromResult((arguments.Outcome.Exception as EnvelopeRefusedException)?.RetryAfter),
            });
        }
        return builder.Build();
    }

    // All at once: each waits for its own batch.
    private Task<SignedHead[]> SignInBatchesAsync(EnvelopeHead head, CancellationToken cancellationToken) =>
        Task.WhenAll(_batches.Select(batch => batch.SignAsync(head, cancellationToken)));

    private async Task<Envelope> SignAsync(EnvelopeBuilder builder, EnvelopeHead head, CancellationToken cancellationToken)
    {
        if (_batches.Count > 0)
        {
            foreach (var signed in await SignInBatchesAsync(head, cancellationToken).ConfigureAwait(false)) builder.Attach(signed);
        }
        else
        {
            foreach (var signer in _signers) await builder.SignAsync(signer, cancellationToken).ConfigureAwait(false);
        }
        return Envelope.TryParse(builder.ToWire(), EnvelopeLimits.Default, out var envelope, out var fault, out var detail)
            ? envelope
            : throw new ArgumentException($"Expected an envelope that the relay takes, it would be refused as {fault}: {detail}.");
    }
}
