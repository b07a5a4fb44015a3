using Emulator.FunctionsHost.Settings;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Configuration;

namespace Emulator.FunctionsHost.Indexing;

/// <summary>Turns a trigger's binding and the settings it names into a descriptor.</summary>
/// <param name="routePrefix">Without slashes at its ends.</param>
internal sealed class TriggerReader(IConfiguration settings, string routePrefix, ICollection<string> errors)
{
    private const string DeadLetterSuffix = "/$DeadLetterQueue";

    /// <returns>Null after adding what is wrong.</returns>
    public TriggerDescriptor? Read(RawBinding binding, string functionName, string where) => binding.Type.ToUpperInvariant() switch
    {
        "SERVICEBUSTRIGGER" => ReadServiceBus(binding, where),
        "HTTPTRIGGER" => ReadHttp(binding, functionName, where),
        "TIMERTRIGGER" => ReadTimer(binding, where),
        _ => Refuse($"{where}: {binding.Type} is not a trigger this host runs; it runs Service Bus, HTTP and timer triggers."),
    };

    private ServiceBusTriggerDescriptor? ReadServiceBus(RawBinding binding, string where)
    {
        var before = errors.Count;
        if (!string.Equals(binding.Property("supportsDeferredBinding"), "true", StringComparison.OrdinalIgnoreCase))
        {
            errors.Add(
                $"{where}: the parameter '{binding.Name}' must be a ServiceBusReceivedMessage or an array of them; other types are "
                    + "not handed over here.");
        }

        var queue = binding.Text("queueName");
        var entity = Resolve(queue ?? binding.Text("topicName"), queue is null ? "topic name" : "queue name", where);
        var subscription = queue is null ? Resolve(binding.Text("subscriptionName"), "subscription name", where) : null;
        ServiceBusConnection? connection = null;
        if (ResolveOptional(binding.Text("connection"), where, out var name))
        {
            ServiceBusConnection.TryFind(settings, name, where, errors, out connection);
        }
        if (errors.Count != before) return null;
        var deadLetter = (subscription ?? entity)!.EndsWith(DeadLetterSuffix, StringComparison.OrdinalIgnoreCase);
        return new ServiceBusTriggerDescriptor(
            deadLetter && subscription is null ? entity![..^DeadLetterSuffix.Length] : entity!,
            deadLetter && subscription is not null ? subscription[..^DeadLetterSuffix.Length] : subscription,
            deadLetter,
            binding.Flag("autoCompleteMessages"),
            binding.Flag("isSessionsEnabled") ?? false,
            string.Equals(binding.Text("cardinality"), "many", StringComparison.OrdinalIgnoreCase),
            connection!);
    }

    private HttpTriggerDescriptor? ReadHttp(RawBinding binding, string functionName, string where)
    {
        var suffix = (binding.Text("route") ?? functionName).Trim('/');
        var route = string.Join('/', new[] { routePrefix, suffix }.Where(part => part.Length > 0));
        try
        {
            RoutePatternFactory.Parse(route);
        }
        catch (RoutePatternException exception)
        {
            errors.Add($"{where}: route '{route}' is not a route pattern: {exception.Message}");
            return null;
        }

        var methods = binding.Texts("methods").Select(method => method.ToUpperInvariant()).Distinct().ToArray();

        // A level that is not written is not in the binding, and the Functions host then takes Function.
        if (Enum.TryParse<AuthLevel>(binding.Text("authLevel") ?? nameof(AuthLevel.Function), ignoreCase: true, out var level))
        {
            return new HttpTriggerDescriptor(route, methods, level);
        }

        errors.Add($"{where}: authLevel must be Anonymous, Function or Admin, but it is '{binding.Text("authLevel")}'.");
        return null;
    }

    private TimerTriggerDescriptor? ReadTimer(RawBinding binding, string where)
    {
        if (Resolve(binding.Text("schedule"), "schedule", where) is not { } expression) return null;
        if (TimerSchedule.TryParse(expression, out var schedule))
        {
            return new TimerTriggerDescriptor(
                expression, schedule, binding.Flag("runOnStartup") ?? false, binding.Flag("useMonitor") ?? true);
        }

        errors.Add(
            $"{where}: schedule '{expression}' is neither a cron expression of six fields (second minute hour day month weekday) "
                + "nor a positive time.");
        return null;
    }

    private bool ResolveOptional(string? text, string where, out string? resolved)
    {
        resolved = null;
        return text is null || SettingNames.TryResolve(text, settings, where, errors, out resolved);
    }

    private string? Resolve(string? text, string what, string where)
    {
        if (!string.IsNullOrWhiteSpace(text))
        {
            return SettingNames.TryResolve(text, settings, where, errors, out var resolved) ? resolved : null;
        }
        errors.Add($"{where}: the {what} is empty.");
        return null;
    }

    private TriggerDescriptor? Refuse(string error)
    {
        errors.Add(error);
        return null;
    }
}
