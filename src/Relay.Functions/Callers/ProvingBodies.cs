using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Relay.Core.Diagnostics;
using Relay.Core.Ledger.Reading;
using Relay.Functions.Http;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Callers;

/// <summary>
/// The way of every body that anybody may bring because it proves itself: what strangers may is taken before it is read, the time at which
/// whoever has proved nothing is answered runs from when it had come, and what it took is given back once it is proved. Safe for concurrent
/// use.
/// </summary>
public sealed class ProvingBodies(UnprovedPace pace, StrangerLimits strangers)
{
    /// <summary>Takes one.</summary>
    /// <param name="request">Its request.</param>
    /// <param name="activity">Name of the span that it is part of.</param>
    /// <param name="maxBytes">The bound.</param>
    /// <param name="take">Answers it; a refusal of what is not proved awaits <see cref="Body.UnprovedAsync"/> first.</param>
    /// <param name="oversize">Answers what is longer, by the bytes that came or were announced.</param>
    /// <param name="limited">Is told of one that is past a stranger's limit; null for nobody.</param>
    /// <param name="cancellationToken">Ends it.</param>
    internal async Task<IActionResult> TakeAsync(
        HttpRequest request,
        string activity,
        int maxBytes,
        Func<Body, Task<IActionResult>> take,
        Func<long, IActionResult> oversize,
        Action<RateStanding>? limited,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (BodyForm.Refuse(request) is { } foreign) return foreign;
        var traceParent = request.Headers.TryGetValue("traceparent", out var header) ? TraceParent.Canonical(header.ToString()) : null;
        using var span = RelayTelemetry.Start(activity, ActivityKind.Server, traceParent);
        var pass = strangers.Enter(request.HttpContext);
        if (pass.Over is { } over)
        {
            limited?.Invoke(over);
            return Problems.RateLimited(request.HttpContext.Response.Headers, over);
        }

        return await RequestBody.TakeAsync(
            request, maxBytes, wire => take(new Body(wire, traceParent, pass, pace.Begin())), oversize, cancellationToken);
    }

    /// <summary>One that has come.</summary>
    /// <param name="wire">Its bytes.</param>
    /// <param name="traceParent">Of its request; null when it names none.</param>
    /// <param name="pass">What it took.</param>
    /// <param name="unproved">Runs since it had come.</param>
    internal sealed class Body(ReadOnlyMemory<byte> wire, string? traceParent, StrangerPass pass, UnprovedPace.Wait unproved)
    {
        public ReadOnlyMemory<byte> Wire => wire;

        public string? TraceParent => traceParent;

        /// <summary>It has proved itself, and took nothing. To be called once at most.</summary>
        public void Proved() => pass.Proved();

        /// <summary>Ends when whoever has proved nothing may be answered.</summary>
        public Task UnprovedAsync(CancellationToken cancellationToken) => unproved.EndAsync(cancellationToken);
    }
}
