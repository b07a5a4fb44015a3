using Relay.Local;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Demo;

/// <summary>What a demo sends, and what has to come of it.</summary>
/// <param name="Good">Genuine envelopes with what their addressee must read, in the order each stream said them.</param>
/// <param name="Hostile">Envelopes that must be refused.</param>
/// <param name="Finale">What is sent last, when the rest has arrived; its genuine ones are among <paramref name="Good"/>.</param>
internal sealed record DemoScript(IReadOnlyList<GoodEnvelope> Good, IReadOnlyList<HostileEnvelope> Hostile, DemoFinale Finale)
{
    private const int Repeats = 12;
    private const string OneWay = "-one-way";
    private const int SignersAtOnce = 8;

    private static readonly string[] Words =
        [
            "We propose", "We note", "We cannot accept", "We thank the mediators for", "We ask to reconsider", "We withdraw", "We agree to",
            "We reserve our position on",
        ];

    /// <summary>All that must be refused.</summary>
    public IEnumerable<HostileEnvelope> Refused => Finale.Twin is { } twin ? Hostile.Append(twin) : Hostile;

    /// <summary>
    /// Writes a script: <paramref name="count"/> genuine envelopes from both sides in both lanes, one of every kind of hostile one.
    /// </summary>
    public static Task<DemoScript> WriteAsync(
        Cast cast, string stateFolder, int count, TimeProvider time, IProgress<string> progress, CancellationToken cancellationToken) =>
        WriteAsync(cast, stateFolder, count, ownsVault: true, time, progress, cancellationToken);

    /// <inheritdoc cref="WriteAsync(Cast, string, int, TimeProvider, IProgress{string}, CancellationToken)"/>
    /// <param name="ownsVault">The cast may make and disable keys in the vault, as some hostile ones take.</param>
    public static async Task<DemoScript> WriteAsync(
        Cast cast,
        string stateFolder,
        int count,
        bool ownsVault,
        TimeProvider time,
        IProgress<string> progress,
        CancellationToken cancellationToken)
    {
        var document = cast.Document;
        var copy = OneWayOf(document.Negotiation);
        LocalDirectory.PutCopy(stateFolder, document.Negotiation, copy, [("us", ["iran"])]);
        var streams = (from name in document.Delegations.Keys
                       from lane in new[] { Lane.Normal, Lane.Urgent }
                       select (
                           Sender: name,
                           Lane: lane,
                           Stream: new SenderStream(document.Negotiation, document, cast.Delegations[name], lane, time))).ToList();
        var sealedOnes = new List<(SealedEnvelope Envelope, string Addressee, string Text)>(count);
        for (var i = 0; i < count; i++)
        {
            // One in eight is urgent.
            var (sender, _, stream) = streams[(i % 2 * 2) + (i % 16 < 14 ? 0 : 1)];
            var addressee = document.Delegations.Keys.Single(name => name != sender);
            var text = $"{Words[i % Words.Length]} paragraph {i + 1}.";
            sealedOnes.Add((await stream.SayAsync([addressee], text, cancellationToken), addressee, text));
        }

        progress.Report($"{count} statements sealed");
        var good = await SignAsync(cast, sealedOnes, cancellationToken);
        progress.Report($"{count} envelopes signed by two mediators each, with keys in the vault");
        var us = streams.Single(entry => entry is { Sender: "us", Lane: Lane.Normal }).Stream;
        var noRoute = new SenderStream(copy, document, cast.Delegations["iran"], Lane.Normal, time);
        var hostile = await new HostileEnvelopes(cast, us, noRoute, ownsVault).MakeAsync(cancellationToken);
        progress.Report($"{hostile.Count} hostile envelopes made");
        var first = good.First(envelope => envelope.Id.Sender == "us" && envelope.Lane == Lane.Normal);
        var ours = good.Where(envelope => envelope.Id.Stream == first.Id.Stream).ToList();
        var twin = ownsVault ? await TwinAsync(cast, us, first, cancellationToken) : null;
        return new DemoScript(
            good,
            hostile,
            new DemoFinale(
                ours[^2],
                ours[^1],
                good.Last(envelope => envelope.Id.Sender == "iran" && envelope.Lane == Lane.Normal),
                [.. good.Take(Repeats)],
                twin));
    }

    /// <summary>The negotiation beside the demo's in which only one side may speak.</summary>
    public static string OneWayOf(string negotiation) => negotiation + OneWay;

    // Two mediators sign it as they would sign any: that the sender contradicts itself shows in the ledger alone.
    private static async Task<HostileEnvelope> TwinAsync(
        Cast cast, SenderStream stream, GoodEnvelope said, CancellationToken cancellationToken)
    {
        var envelope = await stream.DraftAsync(
            [said.Addressee], "We never said that.", draft => draft with { Id = said.Id, Previous = null }, cancellationToken);
        var builder = new EnvelopeBuilder(envelope);
        await builder.SignAsync(cast.Mediators["qatar"], cancellationToken);
        await builder.SignAsync(cast.Mediators["oman"], cancellationToken);
        return new HostileEnvelope("another envelope of a sequence that is logged", "equivocation", builder.ToWire());
    }

    private static async Task<IReadOnlyList<GoodEnvelope>> SignAsync(
        Cast cast, List<(SealedEnvelope Envelope, string Addressee, string Text)> statements, CancellationToken cancellationToken)
    {
        var signed = new GoodEnvelope[statements.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = SignersAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, statements.Count, options, async (i, token) =>
        {
            var (envelope, addressee, text) = statements[i];
            var builder = new EnvelopeBuilder(envelope);
            await builder.SignAsync(cast.Mediators["qatar"], token);
            await builder.SignAsync(cast.Mediators[i % 3 == 0 ? "swiss" : "oman"], token);
            signed[i] = new GoodEnvelope(envelope.Id, envelope.Id.Lane, addressee, text, builder.ToWire());
        });
        return signed;
    }
}

/// <summary>A genuine envelope.</summary>
/// <param name="Addressee">The one delegation that must read it.</param>
/// <param name="Text">What it must read.</param>
internal sealed record GoodEnvelope(EnvelopeId Id, Lane Lane, string Addressee, string Text, byte[] Wire);
