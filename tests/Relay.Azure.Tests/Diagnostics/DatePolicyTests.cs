using System.Net;
using System.Net.Http;
using Azure.Core;
using Azure.Core.Pipeline;
using Relay.Azure.Diagnostics;
using Relay.Core.Ledger.Commit;
using Relay.Testing;

namespace Relay.Azure.Tests.Diagnostics;

/// <summary>Every answer of a service tells what time it is there, a refusal as well as any other.</summary>
public sealed class DatePolicyTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(HttpStatusCode.OK)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.NotFound)]
    public async Task Send_AnyAnswer_IsObserved(HttpStatusCode status)
    {
        var clock = new ServiceClock(_time);
        await SendAsync(clock, status, _time.GetUtcNow().AddMinutes(-5));
        Assert.Equal(TimeSpan.FromMinutes(5), clock.Ahead);
    }

    [Fact]
    public async Task Send_AnAnswerWithoutADate_TellsNothing()
    {
        var clock = new ServiceClock(_time);
        await SendAsync(clock, HttpStatusCode.OK, null);
        Assert.Null(clock.Ahead);
    }

    private static async Task SendAsync(ServiceClock clock, HttpStatusCode status, DateTimeOffset? date)
    {
        using var client = new HttpClient(new Answering(status, date));
        var options = new Options { Transport = new HttpClientTransport(client) };
        options.Retry.MaxRetries = 0;
        options.AddPolicy(new DatePolicy(clock), HttpPipelinePosition.PerRetry);
        var pipeline = HttpPipelineBuilder.Build(options);
        using var request = pipeline.CreateRequest();
        request.Uri.Reset(new Uri("https://service.example/"));
        using var response = await pipeline.SendRequestAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((int)status, response.Status);
    }

    private sealed class Options : ClientOptions;

    private sealed class Answering(HttpStatusCode status, DateTimeOffset? date) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = new HttpResponseMessage(status);
            answer.Headers.Date = date;
            return Task.FromResult(answer);
        }
    }
}
