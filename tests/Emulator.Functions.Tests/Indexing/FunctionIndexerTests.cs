using Azure.Messaging.ServiceBus;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Emulator.Functions.Indexing;

namespace Emulator.Functions.Tests.Indexing;

public sealed class FunctionIndexerTests
{
    private const string ConnectionString = "Endpoint=sb://localhost;SharedAccessKeyName=Root;SharedAccessKey=c2VjcmV0;UseDevelopmentEmulator=true;";

    private readonly List<string> _errors = [];
    private readonly List<string> _warnings = [];

    [Fact]
    public void Index_GoodFunctions_AreResolved()
    {
        var functions = Index([typeof(Good)], ("Queue", "inbox"), ("Every", "0 */5 * * * *"));

        Assert.Empty(_errors);
        var described = functions.OrderBy(function => function.Name, StringComparer.Ordinal).Select(function => $"{function.Name}: {function.Trigger.Describe()}");
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
            described);
    }

    [Theory]
    [InlineData("Queue", null)]
    [InlineData("Topic", false)]
    [InlineData("DeadQueue", true)]
    public void Index_AutoComplete_CountsOnlyWhereWritten(string name, bool? expected)
    {
        var functions = Index([typeof(Good)], ("Queue", "inbox"), ("Every", "00:05:00"));

        var trigger = Assert.IsType<ServiceBusTriggerDescriptor>(functions.Single(function => function.Name == name).Trigger);
        Assert.Equal(expected, trigger.AutoCompleteMessages);
    }

    [Theory]
    [InlineData("Http", AuthorizationLevel.Anonymous)]
    [InlineData("HttpByName", AuthorizationLevel.Function)]
    public void Index_AuthorizationLevel_IsFunctionUnlessWritten(string name, AuthorizationLevel expected)
    {
        var functions = Index([typeof(Good)], ("Queue", "inbox"), ("Every", "00:05:00"));

        Assert.Equal(expected, Assert.IsType<HttpTriggerDescriptor>(functions.Single(function => function.Name == name).Trigger).Level);
    }

    [Fact]
    public void Index_Definition_DescribesTheFunction()
    {
        var definition = Index([typeof(Good)], ("Queue", "inbox"), ("Every", "00:05:00")).Single(function => function.Name == "Http").Definition;

        Assert.Equal("Http", definition.Name);
        Assert.Equal($"{typeof(Good).FullName}.Http", definition.EntryPoint);
        Assert.Equal(["request", "id", "cancellationToken"], definition.Parameters.Select(parameter => parameter.Name));
        Assert.Equal("httpTrigger", definition.InputBindings["request"].Type);
        Assert.Equal("http", definition.OutputBindings["$return"].Type);
    }

    [Theory]
    [InlineData(typeof(TwoTriggers), "a function has one trigger, but 'first' and 'second' have one each")]
    [InlineData(typeof(NoTrigger), "no parameter has a trigger")]
    [InlineData(typeof(AsyncVoid), "async method that returns void")]
    [InlineData(typeof(BadName), "a name is a letter")]
    [InlineData(typeof(ReservedName), "a name is a letter")]
    [InlineData(typeof(WrongMessageType), "is a System.Int32; this host hands over ServiceBusReceivedMessage, String, Byte[]")]
    [InlineData(typeof(WrongRequestType), "this host hands over HttpRequest")]
    [InlineData(typeof(UnknownParameter), "parameter 'service' of type System.IDisposable cannot be filled for a serviceBusTrigger")]
    [InlineData(typeof(UnknownDatum), "parameter 'colour' of type System.String cannot be filled")]
    [InlineData(typeof(ActionsForHttp), "cannot be filled for a httpTrigger")]
    [InlineData(typeof(Sessions), "session and batch triggers are not run here")]
    [InlineData(typeof(Batch), "session and batch triggers are not run here")]
    [InlineData(typeof(MissingQueueSetting), "'%NoSuchQueue%' names an app setting that is not there")]
    [InlineData(typeof(MissingConnection), "set 'NoSuchBus' to a connection string")]
    [InlineData(typeof(BadRoute), "is not a route pattern")]
    [InlineData(typeof(BadSchedule), "is neither a cron expression")]
    [InlineData(typeof(Generic<>), "may be generic")]
    [InlineData(typeof(Abstract), "its class is abstract")]
    public void Index_WrongFunction_SaysWhatIsWrong(Type type, string expected)
    {
        Assert.Empty(Index([type]));

        Assert.Contains(_errors, error => error.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Index_SeveralWrongFunctions_AreReportedTogether()
    {
        Index([typeof(TwoTriggers), typeof(MissingQueueSetting), typeof(MissingConnection), typeof(BadSchedule)]);

        Assert.Equal(4, _errors.Count);
    }

    [Fact]
    public void Index_SameNameInAnotherCase_IsRefused()
    {
        Index([typeof(SameNames)]);

        var error = Assert.Single(_errors);
        Assert.Contains("SameNames.One", error, StringComparison.Ordinal);
        Assert.Contains("SameNames.Two", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Index_OverlappingRoutes_AreRefused()
    {
        Index([typeof(SameRoutes)]);

        Assert.Contains("both answer", Assert.Single(_errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Index_PrivateMethod_IsNotRunAndSaid()
    {
        Assert.Empty(Index([typeof(PrivateMethod)]));

        Assert.Empty(_errors);
        Assert.Contains("only public methods", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", false)]
    [InlineData("1", false)]
    [InlineData("false", true)]
    [InlineData("", true)]
    public void Index_DisabledBySetting_IsNotRun(string value, bool runs)
    {
        var functions = Index([typeof(SimpleQueue)], ("AzureWebJobs.Simple.Disabled", value));

        Assert.Equal(runs ? 1 : 0, functions.Count);
        Assert.Equal(runs ? 0 : 1, _warnings.Count);
    }

    private IReadOnlyList<FunctionDescriptor> Index(Type[] types, params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            settings.Append(("Bus", ConnectionString)).Select(setting => KeyValuePair.Create(setting.Item1, (string?)setting.Item2))).Build();
        return new FunctionIndexer(new TriggerReader(configuration, "api", _errors), configuration, _errors, _warnings).Index(types);
    }

#pragma warning disable CA1822, CA1711, VSTHRD100, CS1998, IDE0051 // What functions look like, right and wrong.
    public sealed class Good
    {
        [Function("Queue")]
        public Task Queue([ServiceBusTrigger("%Queue%", Connection = "Bus")] ServiceBusReceivedMessage message, ServiceBusMessageActions actions) => Task.CompletedTask;

        [Function("Topic")]
        public Task Topic([ServiceBusTrigger("signals", "all", Connection = "Bus", AutoCompleteMessages = false)] string body, int deliveryCount) => Task.CompletedTask;

        [Function("DeadQueue")]
        public static void DeadQueue([ServiceBusTrigger("envelopes/$DeadLetterQueue", Connection = "Bus", AutoCompleteMessages = true)] byte[] body)
        {
        }

        [Function("DeadSubscription")]
        public ValueTask DeadSubscription([ServiceBusTrigger("signals", "all/$deadletterqueue", Connection = "Bus")] string body) => default;

        [Function("Http")]
        public IResult Http(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "items/{id:int}")] HttpRequest request, int? id, CancellationToken cancellationToken) =>
            Results.Ok();

        [Function("HttpByName")]
        public void HttpByName([HttpTrigger] HttpRequest request, FunctionContext context)
        {
        }

        [Function("Clock")]
        public void Clock([TimerTrigger("%Every%")] TimerInfo timer)
        {
        }

        public void NotAFunction()
        {
        }
    }

    public sealed class SimpleQueue
    {
        [Function("Simple")]
        public void Run([ServiceBusTrigger("q", Connection = "Bus")] string body)
        {
        }
    }

    public sealed class TwoTriggers
    {
        [Function("TwoTriggers")]
        public void Run([TimerTrigger("00:01:00")] TimerInfo first, [ServiceBusTrigger("q", Connection = "Bus")] string second)
        {
        }
    }

    public sealed class NoTrigger
    {
        [Function("NoTrigger")]
        public void Run(CancellationToken cancellationToken)
        {
        }
    }

    public sealed class AsyncVoid
    {
        [Function("AsyncVoid")]
        public async void Run([ServiceBusTrigger("q", Connection = "Bus")] string body)
        {
        }
    }

    public sealed class BadName
    {
        [Function("1st")]
        public void Run([ServiceBusTrigger("q", Connection = "Bus")] string body)
        {
        }
    }

    public sealed class ReservedName
    {
        [Function("Host")]
        public void Run([ServiceBusTrigger("q", Connection = "Bus")] string body)
        {
        }
    }

    public sealed class WrongMessageType
    {
        [Function("WrongMessageType")]
        public void Run([ServiceBusTrigger("q", Connection = "Bus")] int body)
        {
        }
    }

    public sealed class WrongRequestType
    {
        [Function("WrongRequestType")]
        public void Run([HttpTrigger(AuthorizationLevel.Anonymous)] string body)
        {
        }
    }

    public sealed class UnknownParameter
    {
        [Function("UnknownParameter")]
        public void Run([ServiceBusTrigger("q", Connection = "Bus")] string body, IDisposable service)
        {
        }
    }

    public sealed class UnknownDatum
    {
        [Function("UnknownDatum")]
        public void Run([ServiceBusTrigger("q", Connection = "Bus")] string body, string colour)
        {
        }
    }

    public sealed class ActionsForHttp
    {
        [Function("ActionsForHttp")]
        public void Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, ServiceBusMessageActions actions)
        {
        }
    }

    public sealed class Sessions
    {
        [Function("Sessions")]
        public void Run([ServiceBusTrigger("q", Connection = "Bus", IsSessionsEnabled = true)] string body)
        {
        }
    }

    public sealed class Batch
    {
        [Function("Batch")]
        public void Run([ServiceBusTrigger("q", Connection = "Bus", IsBatched = true)] ServiceBusReceivedMessage[] messages)
        {
        }
    }

    public sealed class MissingQueueSetting
    {
        [Function("MissingQueueSetting")]
        public void Run([ServiceBusTrigger("%NoSuchQueue%", Connection = "Bus")] string body)
        {
        }
    }

    public sealed class MissingConnection
    {
        [Function("MissingConnection")]
        public void Run([ServiceBusTrigger("q", Connection = "NoSuchBus")] string body)
        {
        }
    }

    public sealed class BadRoute
    {
        [Function("BadRoute")]
        public void Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "items/{id")] HttpRequest request)
        {
        }
    }

    public sealed class BadSchedule
    {
        [Function("BadSchedule")]
        public void Run([TimerTrigger("every minute")] TimerInfo timer)
        {
        }
    }

    public sealed class Generic<T>
    {
        [Function("Generic")]
        public void Run([ServiceBusTrigger("q", Connection = "Bus")] string body)
        {
        }
    }

    public abstract class Abstract
    {
        [Function("Abstract")]
        public void Run([ServiceBusTrigger("q", Connection = "Bus")] string body)
        {
        }
    }

    public sealed class SameNames
    {
        [Function("Same")]
        public void One([ServiceBusTrigger("q", Connection = "Bus")] string body)
        {
        }

        [Function("same")]
        public void Two([ServiceBusTrigger("q", Connection = "Bus")] string body)
        {
        }
    }

    public sealed class SameRoutes
    {
        [Function("First")]
        public void One([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "same")] HttpRequest request)
        {
        }

        [Function("Second")]
        public void Two([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "Same")] HttpRequest request)
        {
        }
    }

    public sealed class PrivateMethod
    {
        [Function("PrivateMethod")]
        private void Run([ServiceBusTrigger("q", Connection = "Bus")] string body)
        {
        }
    }
#pragma warning restore CA1822, CA1711, VSTHRD100, CS1998, IDE0051
}
