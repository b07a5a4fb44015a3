using System.Text;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Configuration;
using Emulator.FunctionsHost.HostJson;

namespace Emulator.FunctionsHost.Tests.HostJson;

public sealed class HostJsonFileTests
{
    private readonly List<string> _errors = [];
    private readonly List<string> _warnings = [];

    [Fact]
    public void Parse_NoFile_TakesTheHostsDefaults()
    {
        var settings = HostJsonFile.Parse(null, new ConfigurationBuilder().Build(), _errors, _warnings);

        Assert.Empty(_errors);
        Assert.Equal(("api", -1, -1), (settings.RoutePrefix, settings.MaxConcurrentRequests, settings.MaxOutstandingRequests));
        Assert.Equal(TimeSpan.FromMinutes(30), settings.FunctionTimeout);
        Assert.Equal(16 * Environment.ProcessorCount, settings.ServiceBus.MaxConcurrentCalls);
        Assert.True(settings.ServiceBus.AutoCompleteMessages);
        Assert.Equal(TimeSpan.FromMinutes(5), settings.ServiceBus.MaxAutoLockRenewalDuration);
        Assert.Equal(0, settings.ServiceBus.PrefetchCount);
        Assert.Equal(ServiceBusTransportType.AmqpTcp, settings.ServiceBus.TransportType);
        Assert.Equal(
            new RetrySettings(
                ServiceBusRetryMode.Exponential, 3, TimeSpan.FromSeconds(0.8), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)),
            settings.ServiceBus.Retry);
    }

    [Fact]
    public void Parse_EverySetting_IsRead()
    {
        var settings = Parse("""
            {
              "version": "2.0", // comment
              "functionTimeout": "00:05:00",
              "extensions": {
                "http": { "routePrefix": "/v1/", "maxConcurrentRequests": 5, "maxOutstandingRequests": 9 },
                "serviceBus": {
                  "prefetchCount": 7, "autoCompleteMessages": false, "maxConcurrentCalls": 64,
                  "maxAutoLockRenewalDuration": "-00:00:00.0010000", "transportType": "amqpWebSockets",
                  "maxConcurrentSessions": 3, "maxConcurrentCallsPerSession": 2, "maxMessageBatchSize": 50, "minMessageBatchSize": 5,
                  "maxBatchWaitTime": "00:00:20", "sessionIdleTimeout": "00:00:09",
                  "clientRetryOptions": { "mode": "fixed", "tryTimeout": "00:00:10", "delay": "00:00:01", "maxDelay": "00:00:05", "maxRetries": 1 },
                },
              },
            }
            """);

        Assert.Empty(_errors);
        Assert.Empty(_warnings);
        Assert.Equal(("v1", 5, 9), (settings.RoutePrefix, settings.MaxConcurrentRequests, settings.MaxOutstandingRequests));
        Assert.Equal(TimeSpan.FromMinutes(5), settings.FunctionTimeout);
        var expected = new ServiceBusSettings(
            7, false, Timeout.InfiniteTimeSpan, 64, 3, 2, 50, 5, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(9),
            ServiceBusTransportType.AmqpWebSockets,
            new RetrySettings(ServiceBusRetryMode.Fixed, 1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10)));
        Assert.Equal(expected, settings.ServiceBus);

        var processor = settings.ServiceBus.ToProcessorOptions(autoCompleteMessages: null);
        Assert.Equal((7, false, 64, Timeout.InfiniteTimeSpan, ServiceBusReceiveMode.PeekLock),
            (
                processor.PrefetchCount,
                processor.AutoCompleteMessages,
                processor.MaxConcurrentCalls,
                processor.MaxAutoLockRenewalDuration,
                processor.ReceiveMode));
        Assert.True(settings.ServiceBus.ToProcessorOptions(autoCompleteMessages: true).AutoCompleteMessages);
        var session = settings.ServiceBus.ToSessionProcessorOptions(autoCompleteMessages: true);
        Assert.Equal((7, true, 3, 2, TimeSpan.FromSeconds(9)),
            (
                session.PrefetchCount,
                session.AutoCompleteMessages,
                session.MaxConcurrentSessions,
                session.MaxConcurrentCallsPerSession,
                session.SessionIdleTimeout));
        var client = settings.ServiceBus.ToClientOptions();
        Assert.Equal((ServiceBusTransportType.AmqpWebSockets, 1, TimeSpan.FromSeconds(10)),
            (client.TransportType, client.RetryOptions.MaxRetries, client.RetryOptions.TryTimeout));
    }

    [Theory]
    [InlineData("extensions__serviceBus__maxConcurrentCalls", "3")]
    [InlineData("Extensions__ServiceBus__MaxConcurrentCalls", "3")]
    public void Parse_AppSetting_OverridesTheFile(string name, string value)
    {
        var settings = Parse(
            """{ "version": "2.0", "extensions": { "serviceBus": { "maxConcurrentCalls": 64, "prefetchCount": 2 } } }""",
            ("AzureFunctionsJobHost:" + name.Replace("__", ":", StringComparison.Ordinal), value));

        Assert.Equal(3, settings.ServiceBus.MaxConcurrentCalls);
        Assert.Equal(2, settings.ServiceBus.PrefetchCount);
    }

    [Fact]
    public void Parse_TimeoutMinusOne_MeansNone() =>
        Assert.Null(Parse("""{ "version": "2.0", "functionTimeout": "-1" }""").FunctionTimeout);

    [Fact]
    public void Parse_EmptyRoutePrefix_StaysEmpty() =>
        Assert.Equal("", Parse("""{ "version": "2.0", "extensions": { "http": { "routePrefix": "" } } }""").RoutePrefix);

    [Theory]
    [InlineData("{}", "'version' is missing")]
    [InlineData("""{ "version": "1.0" }""", "version must be \"2.0\", but it is \"1.0\"")]
    [InlineData("{ \"version\": ", "not valid JSON")]
    [InlineData("[]", "not valid JSON")]
    [InlineData("""{ "version": "2.0", "functionTimeout": "soon" }""", "functionTimeout must be a time")]
    [InlineData("""{ "version": "2.0", "functionTimeout": "-00:01:00" }""", "functionTimeout must be a time")]
    [InlineData(
        """{ "version": "2.0", "extensions": { "serviceBus": { "maxConcurrentCalls": 0 } } }""",
        "extensions.serviceBus.maxConcurrentCalls must be a whole number of at least 1, but it is \"0\"")]
    [InlineData("""{ "version": "2.0", "extensions": { "serviceBus": { "maxConcurrentCalls": "many" } } }""", "maxConcurrentCalls must be")]
    [InlineData("""{ "version": "2.0", "extensions": { "serviceBus": { "prefetchCount": -1 } } }""", "prefetchCount must be")]
    [InlineData(
        """{ "version": "2.0", "extensions": { "serviceBus": { "autoCompleteMessages": "maybe" } } }""",
        "autoCompleteMessages must be true or false")]
    [InlineData(
        """{ "version": "2.0", "extensions": { "serviceBus": { "maxAutoLockRenewalDuration": "-00:01:00" } } }""",
        "maxAutoLockRenewalDuration must be")]
    [InlineData("""{ "version": "2.0", "extensions": { "serviceBus": { "maxBatchWaitTime": "00:06:00" } } }""", "maxBatchWaitTime must be")]
    [InlineData(
        """{ "version": "2.0", "extensions": { "serviceBus": { "sessionIdleTimeout": "00:00:00" } } }""", "sessionIdleTimeout must be")]
    [InlineData(
        """{ "version": "2.0", "extensions": { "serviceBus": { "transportType": "tcp" } } }""",
        "transportType must be one of AmqpTcp, AmqpWebSockets")]
    [InlineData("""{ "version": "2.0", "extensions": { "serviceBus": { "transportType": "1" } } }""", "transportType must be one of")]
    [InlineData(
        """{ "version": "2.0", "extensions": { "serviceBus": { "clientRetryOptions": { "maxRetries": 101 } } } }""",
        "clientRetryOptions.maxRetries must be a whole number from 0 to 100")]
    [InlineData(
        """{ "version": "2.0", "extensions": { "serviceBus": { "clientRetryOptions": { "delay": "00:06:00" } } } }""",
        "clientRetryOptions.delay must be")]
    [InlineData(
        """{ "version": "2.0", "extensions": { "serviceBus": { "clientRetryOptions": { "tryTimeout": "00:00:00" } } } }""",
        "clientRetryOptions.tryTimeout must be")]
    public void Parse_WrongValue_SaysWhatIsExpected(string json, string expected)
    {
        Parse(json);

        Assert.Contains(expected, Assert.Single(_errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_SeveralWrongValues_AreReportedTogether()
    {
        Parse("""{ "version": "3.0", "functionTimeout": "x", "extensions": { "serviceBus": { "maxConcurrentCalls": 0, "prefetchCount": -1 } } }""");

        Assert.Equal(4, _errors.Count);
    }

    [Fact]
    public void Parse_UnknownKeys_OnlyWarn()
    {
        var settings = Parse("""
            { "version": "2.0", "colour": 1, "logging": { "anything": true },
              "extensions": { "queues": { "batchSize": 1 }, "serviceBus": { "messageHandlerOptions": { "maxConcurrentCalls": 1 } } } }
            """);

        Assert.Empty(_errors);
        Assert.Equal(["colour", "extensions.serviceBus.messageHandlerOptions"], _warnings.Select(warning => warning.Split(' ')[0]).Order());
        Assert.Equal(16 * Environment.ProcessorCount, settings.ServiceBus.MaxConcurrentCalls);
    }

    [Fact]
    public void Parse_KeysThatAreNotObeyed_Warn()
    {
        Parse("""
            { "version": "2.0", "concurrency": { "dynamicConcurrencyEnabled": true },
              "extensions": { "serviceBus": { "enableCrossEntityTransactions": true } } }
            """);

        Assert.Equal(2, _warnings.Count(warning => warning.Contains("not obeyed", StringComparison.Ordinal)));
    }

    private HostSettings Parse(string json, params (string Name, string Value)[] settings) => HostJsonFile.Parse(
        new MemoryStream(Encoding.UTF8.GetBytes(json)),
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)))
            .Build(),
        _errors,
        _warnings);
}
