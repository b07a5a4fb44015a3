using Azure.Core;
using Azure.Core.Pipeline;
using Relay.Core.Ledger.Commit;

namespace Relay.Azure.Diagnostics;

/// <summary>Tells <see cref="ServiceClock"/> the date of every answer of a service.</summary>
internal sealed class DatePolicy(ServiceClock clock) : HttpPipelineSynchronousPolicy
{
    public override void OnReceivedResponse(HttpMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.HasResponse && message.Response.Headers.Date is { } date) clock.Observe(date);
    }
}
