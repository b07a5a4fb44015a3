using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Operations;

namespace Relay.Functions;

/// <summary>Says that the process answers; nothing about what it depends on.</summary>
public sealed class Health
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

    /// <summary>Body of the answer.</summary>
    public sealed record Liveness(string Status);
}
