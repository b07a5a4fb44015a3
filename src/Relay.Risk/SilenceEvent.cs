using System.Globalization;
using Relay.Risk.Silence;

namespace Relay.Risk;

/// <summary>
/// That a party has fallen silent or is back, as a CloudEvent: <c>type</c> <see cref="SilentType"/> or <see cref="BackType"/>, <c>id</c>
/// what it is about and since when. Whoever finds the same silence, after a restart too, tells it under the same id.
/// </summary>
public static class SilenceEvent
{
    /// <summary><c>type</c> of a silence.</summary>
    public const string SilentType = "relay.silent.v1";

    /// <summary><c>type</c> of its end.</summary>
    public const string BackType = "relay.back.v1";

    /// <summary>Media type of the event.</summary>
    public const string MediaType = CloudEvent.MediaType;

    /// <summary>Which of the two a notice is.</summary>
    public static string TypeOf(SilenceNotice notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        return notice.Cause is null ? BackType : SilentType;
    }

    /// <summary>The event, UTF-8.</summary>
    /// <param name="notice">What it is about.</param>
    /// <param name="relay">Name of the relay, with which the ledger's origin begins.</param>
    /// <param name="negotiation">Name of the negotiation.</param>
    public static byte[] Write(SilenceNotice notice, string relay, string negotiation)
    {
        ArgumentNullException.ThrowIfNull(notice);
        ArgumentNullException.ThrowIfNull(relay);
        ArgumentNullException.ThrowIfNull(negotiation);
        var what = notice.Cause is { } cause ? $"silent-{cause.ToText()}" : "back";
        var since = notice.Since.ToUnixTimeMilliseconds();
        var id = string.Create(CultureInfo.InvariantCulture, $"{what}-{notice.Kind.ToText()}-{notice.Party}-{since}");
        return CloudEvent.Write(relay, negotiation, TypeOf(notice), id, notice.At, notice);
    }
}
