using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Relay.Functions.Callers;
using Relay.Functions.Dashboard;
using Relay.Functions.Operations;

namespace Relay.Functions;

/// <summary>
/// The dashboard: <c>GET /api/dashboard</c>. The page is for everybody, what it shows is not: it asks the other functions, as whoever
/// looks at it.
/// </summary>
public sealed class ReadDashboard
{
#pragma warning disable CA1822 // The worker makes an instance for every invocation; a static method among instance ones is a surprise.
    [Function(nameof(ReadDashboard))]
    [Operation("GET", CallerKind.Anyone, "The dashboard, a page for browsers.")]
    [Answer(200, "text/html", "One page without any figure; it asks for them as the one who looks at it.")]
    public IActionResult Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "dashboard")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new PageAnswer(DashboardPage.Html, DashboardPage.Policy);
    }
#pragma warning restore CA1822
}
