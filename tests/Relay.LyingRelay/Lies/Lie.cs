using Relay.Core.Ledger.Keys;
using Relay.Core.Verification;
using Relay.LyingRelay.Serving;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;

namespace Relay.LyingRelay.Lies;

/// <summary>
/// One lie: what of the relay is another than the real one, at each place where it takes, verifies, writes, signs, forwards and serves.
/// What is null is honest.
/// </summary>
/// <param name="Tells">What the relay does, in a sentence.</param>
internal sealed record Lie(string Tells)
{
    /// <summary>True for a run in which no lie is told: nobody may be accused then.</summary>
    public bool IsHonest { get; init; }

    /// <summary>Why nobody but the one who is named can see it, in the words of the threat table; null when others must.</summary>
    public string? Unseen { get; init; }

    /// <summary>Parties that keep silent: their tools are not run.</summary>
    public IReadOnlyList<string> Silent { get; init; } = [];

    /// <summary>How far its clock is ahead.</summary>
    public TimeSpan ClockAhead { get; init; }

    /// <summary>When everybody listens, after the first envelope.</summary>
    public TimeSpan ListensAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The negotiation document by which it judges.</summary>
    public Func<Telling, byte[]>? Document { get; init; }

    /// <summary>Public keys of mediators as it says that they are.</summary>
    public Func<Telling, IPublicKeySource, IPublicKeySource>? MediatorKeys { get; init; }

    /// <summary>When the key begins, after the first envelope, that signs a ledger of its own making; it ends an hour later.</summary>
    public TimeSpan KeyBegins { get; init; } = TimeSpan.FromMinutes(-1);

    /// <summary>What its vault key certifies.</summary>
    public Func<Telling, ICheckpointCertifier, ICheckpointCertifier>? Certifier { get; init; }

    /// <summary>The public key file that everybody else has.</summary>
    public Func<Telling, byte[]>? KeyFile { get; init; }

    /// <summary>What it takes in the place of what comes: nothing, when it says that nothing came.</summary>
    public Func<Telling, Envelope, Task<Envelope?>>? Take { get; init; }

    /// <summary>Changes entries before they are committed; whatever has no entry afterwards is not forwarded.</summary>
    public Func<Telling, List<byte[]>, Task>? Write { get; init; }

    /// <summary>Changes what is forwarded.</summary>
    public Func<Telling, List<Delivery>, Task>? Forward { get; init; }

    /// <summary>What it does to its ledger once everything was received.</summary>
    public Func<Telling, Task>? Later { get; init; }

    /// <summary>What it answers to a recipient's acknowledgement, of which it logs nothing.</summary>
    public Func<Telling, Acknowledgement, Task<Answer>>? Acknowledge { get; init; }

    /// <summary>Changes an answer to a reader.</summary>
    public Func<Telling, Ask, Answer, Task<Answer>>? Serve { get; init; }
}
