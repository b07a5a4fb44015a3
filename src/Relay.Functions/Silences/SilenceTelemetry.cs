using System.Diagnostics.Metrics;
using Relay.Core.Diagnostics;
using Relay.Risk.Silence;

namespace Relay.Functions.Silences;

/// <summary>
/// What silences leave in the telemetry, on the meter <see cref="RelayTelemetry.Name"/>: <c>relay.silence.notices</c> ({notice}) told,
/// by <c>relay.party.kind</c> and <c>relay.silence.cause</c> (<c>none</c>: it is back); <c>relay.silence.parties</c> ({party}) silent now,
/// as this worker knows, by kind; <c>relay.silence.multiplier</c> (1), what thresholds are multiplied by for this worker's own slowness, 1
/// to 9. Tags come from enums only.
/// </summary>
public sealed class SilenceTelemetry
{
    private static readonly PartyKind[] Kinds = Enum.GetValues<PartyKind>();

    private readonly Counter<long> _notices;
    private readonly int[] _silent = new int[Kinds.Length];
    private int _multiplier = 1;

    /// <param name="meters">Where the meter is made.</param>
    public SilenceTelemetry(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(RelayTelemetry.Name);
        _notices = meter.CreateCounter<long>(
            "relay.silence.notices", unit: "{notice}", description: "Parties that were told silent, or back.");
        meter.CreateObservableGauge(
            "relay.silence.parties",
            () => Kinds.Select(kind => new Measurement<int>(Volatile.Read(ref _silent[(int)kind]), KindTag(kind))),
            unit: "{party}",
            description: "Parties that are silent, as was told.");
        meter.CreateObservableGauge(
            "relay.silence.multiplier",
            () => Volatile.Read(ref _multiplier),
            unit: "1",
            description: "What it takes to suspect others is multiplied by it, for this worker's own slowness.");
    }

    /// <summary>Counts a notice.</summary>
    public void Told(SilenceNotice notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        var laidTo = notice.Cause?.ToText() ?? "none";
        _notices.Add(1, KindTag(notice.Kind), new KeyValuePair<string, object?>("relay.silence.cause", laidTo));
    }

    /// <summary>Takes how things stand.</summary>
    /// <param name="silent">Parties that are silent.</param>
    /// <param name="multiplier">1 to 9.</param>
    public void Stands(IEnumerable<PartyKind> silent, int multiplier)
    {
        var counts = silent.CountBy(static kind => kind).ToDictionary();
        foreach (var kind in Kinds) Volatile.Write(ref _silent[(int)kind], counts.GetValueOrDefault(kind));
        Volatile.Write(ref _multiplier, multiplier);
    }

    private static KeyValuePair<string, object?> KindTag(PartyKind kind) => new("relay.party.kind", kind.ToText());
}
