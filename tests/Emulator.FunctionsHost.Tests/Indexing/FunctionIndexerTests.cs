using Emulator.FunctionsHost.Indexing;
using Emulator.FunctionsHost.Protocol;
using Emulator.FunctionsHost.Tests.Worker;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Configuration;

namespace Emulator.FunctionsHost.Tests.Indexing;

/// <summary>What a worker lists, right and wrong.</summary>
public sealed class FunctionIndexerTests
{
    private const string ConnectionString =
        "Endpoint=sb://localhost;SharedAccessKeyName=Root;SharedAccessKey=c2VjcmV0;UseDevelopmentEmulator=true;";

    private const string Deferred = ", 'properties': { 'supportsDeferredBinding': 'True' }";

    private readonly List<string> _errors = [];
    private readonly List<string> _warnings = [];

    [Fact]
    public void Index_GoodFunctions_AreResolved()
    {
        var functions = Index(
            [
                Listed.Queue("Queue", "%Queue%"),
                Topic("Topic", "signals", "all"),
                Listed.Queue("DeadQueue", "envelopes/$DeadLetterQueue"),
                Topic("DeadSubscription", "signals", "all/$deadletterqueue"),
                Listed.Http("Http", ", 'methods': [ 'get', 'Post' ], 'route': '/items/{id:int}', 'authLevel': 'Anonymous'"),
                Listed.Http("HttpByName"),
                Listed.Timer("Clock", "%Every%"),
            ],
            ("Queue", "inbox"), ("Every", "0 */5 * * * *"));

        Assert.Empty(_errors);
        Assert.Equal(
            [
                "Clock: 0 */5 * * * *",
                "DeadQueue: envelopes/$DeadLetterQueue",
                "DeadSubscription: signals/all/$DeadLetterQueue",
                "Http: GET,POST /api/items/{id:int}",
                "HttpByName: ANY /api/HttpByName",
                "Queue: inbox",
                "Topic: signals/all",
            ],
            functions.Select(function => $"{function.Name}: {function.Trigger.Describe()}"));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData(", 'autoCompleteMessages': false", false)]
    [InlineData(", 'autoCompleteMessages': true", true)]
    public void Index_AutoComplete_CountsOnlyWhereWritten(string more, bool? expected) =>
        Assert.Equal(expected, Trigger<ServiceBusTriggerDescriptor>(Listed.Queue("One", "q", more)).AutoCompleteMessages);

    [Theory]
    [InlineData("", false, false)]
    [InlineData(", 'isSessionsEnabled': true", true, false)]
    [InlineData(", 'Cardinality': 'Many'", false, true)]
    public void Index_SessionsAndBatches_AreAsWritten(string more, bool sessions, bool batch)
    {
        var trigger = Trigger<ServiceBusTriggerDescriptor>(Listed.Queue("One", "q", more));

        Assert.Equal((sessions, batch), (trigger.IsSessionsEnabled, trigger.IsBatched));
    }

    [Theory]
    [InlineData("", "Function")]
    [InlineData(", 'authLevel': 'Anonymous'", "Anonymous")]
    [InlineData(", 'authLevel': 'admin'", "Admin")]
    public void Index_AuthorizationLevel_IsFunctionUnlessWritten(string more, string expected) =>
        Assert.Equal(expected, Trigger<HttpTriggerDescriptor>(Listed.Http("One", more)).Level.ToString());

    [Theory]
    [InlineData("{ 'name': 'a', 'type': 'timerTrigger', 'schedule': '00:01:00' }|{ 'name': 'b', 'type': 'httpTrigger' }", "expected one trigger, found 2")]
    [InlineData("", "expected one trigger, found 0")]
    [InlineData("[]", "its metadata is not valid")]
    [InlineData("{ 'name': 'a', 'type': 'blobTrigger' }", "blobTrigger is not a trigger this host runs")]
    [InlineData("{ 'name': 'a', 'type': 'httpTrigger' }|{ 'name': 'b', 'type': 'queue', 'direction': 'Out' }", "'b' is a binding of type queue")]
    [InlineData("{ 'name': 'a', 'type': 'serviceBusTrigger', 'queueName': 'q', 'connection': 'Bus' }", "'a' must be a ServiceBusReceivedMessage")]
    [InlineData("{ 'name': 'a', 'type': 'serviceBusTrigger', 'queueName': '%NoSuchQueue%', 'connection': 'Bus'" + Deferred + " }", "'%NoSuchQueue%' names an app setting that is not there")]
    [InlineData("{ 'name': 'a', 'type': 'serviceBusTrigger', 'queueName': 'q', 'connection': 'NoSuchBus'" + Deferred + " }", "set 'NoSuchBus' to a connection string")]
    [InlineData("{ 'name': 'a', 'type': 'serviceBusTrigger', 'topicName': 't', 'connection': 'Bus'" + Deferred + " }", "the subscription name is empty")]
    [InlineData("{ 'name': 'a', 'type': 'serviceBusTrigger', 'connection': 'Bus'" + Deferred + " }", "the topic name is empty")]
    [InlineData("{ 'name': 'a', 'type': 'httpTrigger', 'route': 'items/{id' }", "is not a route pattern")]
    [InlineData("{ 'name': 'a', 'type': 'httpTrigger', 'authLevel': 'Everyone' }", "authLevel must be Anonymous, Function or Admin")]
    [InlineData("{ 'name': 'a', 'type': 'timerTrigger', 'schedule': 'every minute' }", "is neither a cron expression")]
    [InlineData("{ 'name': 'a', 'type': 'timerTrigger' }", "the schedule is empty")]
    public void Index_WrongFunction_SaysWhatIsWrong(string bindings, string expected)
    {
        Assert.Empty(Index([Listed.Function("One", bindings.Split('|', StringSplitOptions.RemoveEmptyEntries))]));

        Assert.Contains(
            _errors, error => error.StartsWith("Function 'One'", StringComparison.Ordinal) && error.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Index_SeveralWrongFunctions_AreReportedTogether()
    {
        Index([Listed.Function("One"), Listed.Timer("Two", "never"), Listed.Http("Three", ", 'route': '{'")]);

        Assert.Equal(3, _errors.Count);
    }

    [Fact]
    public void Index_SameNameInAnotherCase_IsRefused()
    {
        Index([Listed.Http("One"), Listed.Http("ONE", ", 'route': 'two'")]);

        Assert.Contains("is there twice", Assert.Single(_errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Index_OverlappingRoutes_AreRefused()
    {
        Index([Listed.Http("One", ", 'route': 'Same', 'methods': [ 'get', 'post' ]"), Listed.Http("Two", ", 'route': 'same', 'methods': [ 'post' ]")]);

        Assert.Contains("'One' and 'Two' both answer", Assert.Single(_errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", false)]
    [InlineData("1", false)]
    [InlineData("false", true)]
    [InlineData("", true)]
    public void Index_DisabledBySetting_IsNotRun(string value, bool runs)
    {
        var functions = Index([Listed.Queue("Simple", "q")], ("AzureWebJobs.Simple.Disabled", value));

        Assert.Equal((runs ? 1 : 0, runs ? 0 : 1), (functions.Count, _warnings.Count));
    }

    [Fact]
    public void Index_RetryOfATimer_IsKeptAndOfAMessageRefused()
    {
        var retry = new RpcRetryOptions
        {
            MaxRetryCount = 2,
            RetryStrategy = RpcRetryOptions.Types.RetryStrategy.FixedDelay,
            DelayInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(3)),
        };
        var (timer, queue) = (Listed.Timer("Timer", "00:01:00"), Listed.Queue("Queue", "q"));
        (timer.RetryOptions, queue.RetryOptions) = (retry, retry);

        Assert.Equal(
            new RetryPolicy(2, Grows: false, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3)), Assert.Single(Index([timer, queue])).Retry);

        Assert.Contains("only timer functions are tried again", Assert.Single(_errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(3, 8)]
    [InlineData(4, 10)]
    [InlineData(5_000, 10)]
    public void DelayBefore_Exponential_DoublesUpToTheMost(int count, int seconds)
    {
        var policy = new RetryPolicy(-1, Grows: true, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10));

        Assert.Equal(TimeSpan.FromSeconds(seconds), policy.DelayBefore(count));
    }

    private static RpcFunctionMetadata Topic(string name, string topic, string subscription) => Listed.Function(
        name, $"{{ 'name': 'm', 'type': 'serviceBusTrigger', 'topicName': '{topic}', 'subscriptionName': '{subscription}', 'connection': 'Bus'{Deferred} }}");

    private T Trigger<T>(RpcFunctionMetadata function)
        where T : TriggerDescriptor => Assert.IsType<T>(Assert.Single(Index([function])).Trigger);

    private IReadOnlyList<FunctionDescriptor> Index(RpcFunctionMetadata[] functions, params (string Name, string Value)[] settings)
    {
        var all = settings.Append(("Bus", ConnectionString)).Select(setting => KeyValuePair.Create(setting.Item1, (string?)setting.Item2));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(all).Build();
        return new FunctionIndexer(new TriggerReader(configuration, "api", _errors), configuration, _errors, _warnings).Index(functions);
    }
}
