using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Administration;

/// <summary>
/// Creates, changes and deletes entities: checks, does it, and answers when it is stored. One change at a time, so that what was checked
/// still holds when it is done.
/// </summary>
/// <param name="entities">The namespace.</param>
/// <param name="journal">What must have stored a change before it is confirmed.</param>
/// <param name="maxMessageKilobytes">Largest message that an entity may ask for.</param>
internal sealed class EntityAdministration(NamespaceEntities entities, IMessageJournal journal, int maxMessageKilobytes) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public NamespaceEntities Entities => entities;

    public Task<AdminFault?> CreateAsync(QueueSettings settings, string host, CancellationToken cancellationToken) => ChangeAsync(settings.Name, host, () =>
        Invalid(new NamespaceTopology { Queues = [settings] }, "Queues[0].") ?? Size(settings.Extras)
        ?? Forwards(settings.ForwardTo, settings.ForwardDeadLetteredMessagesTo) ?? Taken(settings.Name) ?? entities.Add(settings), cancellationToken);

    public Task<AdminFault?> CreateAsync(TopicSettings settings, string host, CancellationToken cancellationToken) => ChangeAsync(settings.Name, host, () =>
        Invalid(new NamespaceTopology { Topics = [settings] }, "Topics[0].") ?? Size(settings.Extras) ?? Taken(settings.Name) ?? entities.Add(settings), cancellationToken);

    public Task<AdminFault?> CreateAsync(
        string topicPath, SubscriptionSettings settings, string host, CancellationToken cancellationToken) =>
        ChangeAsync(EntityPath.Subscription(topicPath, settings.Name), host, () =>
        {
            if (!entities.TryFindEntity<TopicEntity>(topicPath, out var topic)) return AdminFault.NotFound(host, topicPath);
            return Invalid(settings) ?? Forwards(settings.ForwardTo, settings.ForwardDeadLetteredMessagesTo) ?? Taken(EntityPath.Subscription(topic.Path, settings.Name)) ?? entities.Add(topic, settings);
        }, cancellationToken);

    public Task<AdminFault?> UpdateAsync(QueueSettings settings, string host, CancellationToken cancellationToken) => ChangeAsync(settings.Name, host, () =>
    {
        if (!entities.TryFindEntity<QueueEntity>(settings.Name, out var queue)) return AdminFault.NotFound(host, settings.Name);
        var old = queue.Settings;
        settings = settings with { Name = old.Name };
        var fault = Invalid(new NamespaceTopology { Queues = [settings] }, "Queues[0].") ?? Size(settings.Extras)
            ?? Forwards(settings.ForwardTo, settings.ForwardDeadLetteredMessagesTo)
            ?? Fixed("RequiresSession", old.RequiresSession, settings.RequiresSession)
            ?? Fixed("RequiresDuplicateDetection", old.RequiresDuplicateDetection, settings.RequiresDuplicateDetection)
            ?? Fixed("EnablePartitioning", old.Extras.EnablePartitioning, settings.Extras.EnablePartitioning);
        return fault ?? Finish(queue.Change(settings), queue);
    }, cancellationToken);

    public Task<AdminFault?> UpdateAsync(TopicSettings settings, string host, CancellationToken cancellationToken) => ChangeAsync(settings.Name, host, () =>
    {
        if (!entities.TryFindEntity<TopicEntity>(settings.Name, out var topic)) return AdminFault.NotFound(host, settings.Name);
        var old = topic.Settings;
        settings = settings with { Name = old.Name };
        var fault = Invalid(new NamespaceTopology { Topics = [settings] }, "Topics[0].") ?? Size(settings.Extras)
            ?? Fixed("RequiresDuplicateDetection", old.RequiresDuplicateDetection, settings.RequiresDuplicateDetection)
            ?? Fixed("EnablePartitioning", old.Extras.EnablePartitioning, settings.Extras.EnablePartitioning);
        return fault ?? Finish(topic.Change(settings), topic);
    }, cancellationToken);

    public Task<AdminFault?> UpdateAsync(string topicPath, SubscriptionSettings settings, string host, CancellationToken cancellationToken)
    {
        var path = EntityPath.Subscription(topicPath, settings.Name);
        return ChangeAsync(path, host, () =>
        {
            if (!entities.TryFindEntity<SubscriptionEntity>(path, out var subscription)) return AdminFault.NotFound(host, path);
            var fault = Invalid(settings) ?? Forwards(settings.ForwardTo, settings.ForwardDeadLetteredMessagesTo) ?? Fixed(
                "RequiresSession", subscription.Settings.RequiresSession, settings.RequiresSession);
            return fault ?? Finish(subscription.Change(old => settings with { Name = old.Name, Rules = old.Rules })!.Value, subscription);
        }, cancellationToken);
    }

    /// <summary>Deletes a queue, a topic with its subscriptions, or a subscription.</summary>
    public Task<AdminFault?> DeleteAsync(string path, string host, CancellationToken cancellationToken) => ChangeAsync(path, host, () =>
    {
        if (entities.TryFindEntity<QueueEntity>(path, out var queue)) return entities.Remove(queue);
        if (entities.TryFindEntity<TopicEntity>(path, out var topic)) return entities.Remove(topic);
        if (EntityPath.TrySplitSubscription(path, out var parent, out _)
            && entities.TryFindEntity<TopicEntity>(parent, out var owner)
            && entities.TryFindEntity<SubscriptionEntity>(path, out var subscription))
        {
            return entities.Remove(owner, subscription);
        }

        return AdminFault.NotFound(host, path);
    }, cancellationToken);

    /// <summary>Adds a rule, or puts it in the place of the one of its name.</summary>
    public Task<AdminFault?> PutRuleAsync(
        SubscriptionEntity subscription, RuleSettings rule, bool isUpdate, string host, CancellationToken cancellationToken)
    {
        var path = $"{subscription.Path}/Rules/{rule.Name}";
        return ChangeAsync(path, host, () =>
        {
            if (Invalid(new SubscriptionSettings { Name = "s", Rules = [rule] }) is { } fault) return fault;
            var outcome = subscription.Change(old => old.Rules.FirstOrDefault(other => Same(other.Name, rule.Name)) switch
            {
                null => isUpdate ? null : old with { Rules = [.. old.Rules, rule] },
                { } replaced => isUpdate
                    ? old with { Rules = [.. old.Rules.Select(other => other == replaced ? rule with { Name = other.Name, CreatedAt = other.CreatedAt } : other)] }
                    : null,
            });
            return outcome is { } made ? made : isUpdate ? AdminFault.NotFound(host, path) : (Result)AdminFault.Exists(path);
        }, cancellationToken);
    }

    public Task<AdminFault?> DeleteRuleAsync(SubscriptionEntity subscription, string name, string host, CancellationToken cancellationToken)
    {
        var path = $"{subscription.Path}/Rules/{name}";
        return ChangeAsync(path, host, () =>
        {
            var outcome = subscription.Change(old => old.Rules.Any(rule => Same(rule.Name, name)) ? old with { Rules = [.. old.Rules.Where(rule => !Same(rule.Name, name))] } : null);
            return outcome is { } made ? made : (Result)AdminFault.NotFound(host, path);
        }, cancellationToken);
    }

    public void Dispose() => _turn.Dispose();

    private static Result? Fixed(string name, bool old, bool wanted) =>
        old == wanted
            ? null
            : (Result)AdminFault.Bad($"{name}: expected {Lower(old)}, which cannot change after creation, got {Lower(wanted)}.");

    private Result? Size(EntityExtras extras) =>
        extras.MaxMessageSizeInKilobytes is not { } size || (size >= 1 && size <= maxMessageKilobytes)
        ? null
        : (Result)AdminFault.Bad($"MaxMessageSizeInKilobytes: expected 1 to {maxMessageKilobytes}, which is the namespace's, got {size}.");

    private static string Lower(bool value) => value ? "true" : "false";

    private static bool Same(string one, string two) => string.Equals(one, two, StringComparison.OrdinalIgnoreCase);

    private static Result? Invalid(SubscriptionSettings settings) =>
        Invalid(
            new NamespaceTopology { Topics = [new TopicSettings { Name = "t", Subscriptions = [settings] }] },
            "Topics[0].Subscriptions[0].");

    private static Result? Invalid(NamespaceTopology topology, string prefix)
    {
        var faults = topology.Validate();
        return faults.Count == 0
            ? null
            : (Result)AdminFault.Bad(string.Join(" ", faults.Select(fault => fault.Replace(prefix, "", StringComparison.Ordinal) + ".")));
    }

    /// <summary>What messages move on to must be there, and take messages.</summary>
    private Result? Forwards(string? forwardTo, string? forwardDeadLetteredTo)
    {
        foreach (var (name, target) in new[] { ("ForwardTo", forwardTo), ("ForwardDeadLetteredMessagesTo", forwardDeadLetteredTo) })
        {
            if (EntityPath.Destination(target) is { } path && (!entities.TryFind(path, out var node) || node.SendTarget is null))
            {
                return AdminFault.Bad($"{name}: expected an existing queue or topic, got \"{path}\".");
            }
        }

        return null;
    }

    private Result? Taken(string path)
    {
        if (entities.TryFind(path, out _)) return AdminFault.Exists(path);
        return entities.Withheld.TryGetValue(path, out var reason) ? (Result)AdminFault.Withheld(path, reason) : null;
    }

    /// <summary>Who uses a direction that the new status closes leaves.</summary>
    private static EntityOutcome Finish(EntityOutcome outcome, IEntity entity)
    {
        if (outcome.Fault != EntityFault.None) return outcome;
        if (entity.Status is EntityStatus.Disabled or EntityStatus.SendDisabled) entity.Life.Disable(EntityUse.Send);
        if (entity.Status is EntityStatus.Disabled or EntityStatus.ReceiveDisabled) entity.Life.Disable(EntityUse.Receive);
        return outcome;
    }

    private async Task<AdminFault?> ChangeAsync(string path, string host, Func<Result> change, CancellationToken cancellationToken)
    {
        Result result;
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // A large entity takes a while to empty: not on the caller's thread.
            result = await Task.Run(change, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }

        if (result.Fault is not null) return result.Fault;
        if (AdminFault.Of(result.Outcome.Fault, host, path) is { } fault) return fault;
        if (journal.IsStored(result.Outcome.JournalPosition)) return null;
        var stored = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        journal.WhenStored(result.Outcome.JournalPosition, stored.SetResult);
        return await stored.Task.WaitAsync(cancellationToken).ConfigureAwait(false)
            ? null
            : AdminFault.Of(EntityFault.StorageFailed, host, path);
    }

    /// <summary>What a change came to: refused here, or what the entity said.</summary>
    private sealed record Result(AdminFault? Fault, EntityOutcome Outcome)
    {
        public static implicit operator Result(AdminFault fault) => new(fault, default);

        public static implicit operator Result(EntityOutcome outcome) => new(null, outcome);
    }
}
