using System.Globalization;
using Relay.Risk.Results;

namespace Relay.Risk;

/// <summary>
/// Signals as a CloudEvent: <c>specversion</c> 1.0, <c>type</c> <see cref="Type"/>, <c>source</c> the ledger's origin, <c>subject</c> the
/// negotiation,
/// <c>id</c> the size of the ledger with the window, <c>data</c> the signals. The same signals are the same bytes.
/// </summary>
/// <remarks>CloudEvents 1.0.2, and its JSON event format. Numbers have nine significant digits, times are RFC 3339 in UTC.</remarks>
public static class SignalEvent
{
    /// <summary><c>type</c>.</summary>
    public const string Type = "relay.signals.v1";

    /// <summary>Media type of the event.</summary>
    public const string MediaType = CloudEvent.MediaType;

    /// <summary>The event, UTF-8.</summary>
    /// <param name="signals">What it is about.</param>
    /// <param name="relay">Name of the relay, with which the ledger's origin begins.</param>
    public static byte[] Write(NegotiationSignals signals, string relay)
    {
        ArgumentNullException.ThrowIfNull(signals);
        ArgumentNullException.ThrowIfNull(relay);
        var (since, until) = (signals.Since.ToUnixTimeMilliseconds(), signals.Until.ToUnixTimeMilliseconds());
        var id = string.Create(CultureInfo.InvariantCulture, $"{signals.Ledger.Size}-{since}-{until}");
        return CloudEvent.Write(relay, signals.Negotiation, Type, id, signals.Until, signals);
    }
}
