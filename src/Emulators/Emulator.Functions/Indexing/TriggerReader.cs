using System.Reflection;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Extensions.Configuration;
using Emulator.Functions.Settings;
using Emulator.Functions.Triggers.Timer;

namespace Emulator.Functions.Indexing;

/// <summary>Turns a trigger attribute and the settings it names into a descriptor.</summary>
/// <param name="routePrefix">Without slashes at its ends.</param>
internal sealed class TriggerReader(IConfiguration settings, string routePrefix, ICollection<string> errors)
{
    private const string DeadLetterSuffix = "/$DeadLetterQueue";

    /// <returns>Null after adding what is wrong.</returns>
    public TriggerDescriptor? Read(ParameterInfo parameter, TriggerBindingAttribute attribute, string functionName, string where)
    {
        switch (attribute)
        {
            case ServiceBusTriggerAttribute serviceBus:
                return ReadServiceBus(parameter, serviceBus, where);
            case HttpTriggerAttribute http:
                return ReadHttp(parameter, http, functionName, where);
            case TimerTriggerAttribute timer:
                return ReadTimer(timer, where);
            default:
                errors.Add($"{where}: {attribute.GetType().Name} is not a trigger this host runs; it runs Service Bus, HTTP and timer triggers.");
                return null;
        }
    }

    private ServiceBusTriggerDescriptor? ReadServiceBus(ParameterInfo parameter, ServiceBusTriggerAttribute attribute, string where)
    {
        var before = errors.Count;
        if (attribute.IsSessionsEnabled || attribute.IsBatched)
        {
            errors.Add($"{where}: session and batch triggers are not run here; this host hands over one message of an entity without sessions.");
        }

        var entity = Resolve(attribute.QueueName ?? attribute.TopicName, attribute.QueueName is null ? "topic name" : "queue name", where);
        var subscription = attribute.QueueName is null ? Resolve(attribute.SubscriptionName, "subscription name", where) : null;
        ServiceBusConnection.TryFind(settings, attribute.Connection, where, errors, out var connection);
        if (errors.Count != before)
        {
            return null;
        }

        var deadLetter = (subscription ?? entity)!.EndsWith(DeadLetterSuffix, StringComparison.OrdinalIgnoreCase);
        return new ServiceBusTriggerDescriptor(
            deadLetter && subscription is null ? entity![..^DeadLetterSuffix.Length] : entity!,
            deadLetter && subscription is not null ? subscription[..^DeadLetterSuffix.Length] : subscription,
            deadLetter,
            Written(parameter, nameof(ServiceBusTriggerAttribute.AutoCompleteMessages)) ? attribute.AutoCompleteMessages : null,
            connection!);
    }

    private HttpTriggerDescriptor? ReadHttp(ParameterInfo parameter, HttpTriggerAttribute attribute, string functionName, string where)
    {
        var suffix = (attribute.Route ?? functionName).Trim('/');
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

        // A level that is not written is not in the function's metadata, and the host then takes Function, whatever the attribute object says.
        var levelWritten = Data<HttpTriggerAttribute>(parameter).ConstructorArguments.Any(argument => argument.ArgumentType == typeof(AuthorizationLevel));
        var methods = (attribute.Methods ?? []).Select(method => method.ToUpperInvariant()).Distinct().ToArray();
        return new HttpTriggerDescriptor(route, methods, levelWritten ? attribute.AuthLevel : AuthorizationLevel.Function);
    }

    private TimerTriggerDescriptor? ReadTimer(TimerTriggerAttribute attribute, string where)
    {
        if (Resolve(attribute.Schedule, "schedule", where) is not { } expression)
        {
            return null;
        }

        if (!TimerSchedule.TryParse(expression, out var schedule))
        {
            errors.Add(
                $"{where}: schedule '{expression}' is neither a cron expression of six fields (second minute hour day month weekday) nor a positive time.");
            return null;
        }

        return new TimerTriggerDescriptor(expression, schedule, attribute.RunOnStartup, attribute.UseMonitor);
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

    private static bool Written(ParameterInfo parameter, string property) =>
        Data<ServiceBusTriggerAttribute>(parameter).NamedArguments.Any(argument => argument.MemberName == property);

    private static CustomAttributeData Data<T>(ParameterInfo parameter) =>
        parameter.GetCustomAttributesData().First(data => data.AttributeType == typeof(T));
}
