using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Relay.Core.Health;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Operations;

namespace Relay.Functions;

/// <summary>
/// Says that the process answers (<c>GET /api/health/live</c>), nothing about what it depends on; and whether it can be given work
/// (<c>GET /api/health/ready</c>), with the reasons when it cannot.
/// </summary>
public sealed class Health(Readiness readiness)
{
#pragma warning disable CA1822 // The worker makes an instance for every invocation; a static method among instance ones is a surprise.
    [Function("HealthLive")]
    [Operation("GET", CallerKind.Anyone, "Says that the process answers.")]
    [Answer(200, "application/json", "It does.", Body = typeof(Liveness))]
    public IActionResult Live([HttpTrigger(AuthorizationLevel.Anonymous, Route = "health/live")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new JsonAnswer(StatusCodes.Status200OK, new Liveness("live"));
    }
#pragma warning restore CA1822

    [Function("HealthReady")]
    [Operation("GET", CallerKind.Anyone, "Says whether the process can be given work.")]
    [Answer(200, "application/json", "It can.", Body = typeof(Liveness))]
    [Problems(503)]
    public IActionResult Ready([HttpTrigger(AuthorizationLevel.Anonymous, Route = "health/ready")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var reasons = readiness.Reasons;
        return reasons.IsEmpty
            ? new JsonAnswer(StatusCodes.Status200OK, new Liveness("ready"))
            : Problems.Create(
                503, "not-ready", "NotReady", string.Join("; ", reasons.Select(reason => $"{reason.Reason}: {reason.Detail}")), null);
    }

    /// <summary>Body of the answer.</summary>
    public sealed record Liveness(string Status);
}
