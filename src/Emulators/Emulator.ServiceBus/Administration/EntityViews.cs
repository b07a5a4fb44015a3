using System.Diagnostics.CodeAnalysis;
using System.Xml.Linq;
using Emulator.ServiceBus.Entities;

namespace Emulator.ServiceBus.Administration;

/// <summary>Entities as entries and feeds.</summary>
internal sealed class EntityViews(NamespaceEntities entities, AtomDocuments documents, NamespaceProfile profile, string host)
{
    public bool TryEntry(AdminAddress address, [NotNullWhen(true)] out XElement? entry, [NotNullWhen(false)] out AdminFault? fault)
    {
        fault = null;
        entry = address.Resource switch
        {
            AdminResource.NamespaceInfo => NamespaceInfo(),
            AdminResource.Entity when entities.TryFindEntity<QueueEntity>(address.Entity, out var queue) => Of(queue),
            AdminResource.Entity when entities.TryFindEntity<TopicEntity>(address.Entity, out var topic) => Of(topic),
            AdminResource.Subscription when entities.TryFindEntity<SubscriptionEntity>(address.SubscriptionPath, out var subscription) =>
                Of(subscription),
            AdminResource.Rule when entities.TryFindEntity<SubscriptionEntity>(address.SubscriptionPath, out var subscription) =>
                Rules(subscription).FirstOrDefault(rule => string.Equals(rule.Name, address.Rule, StringComparison.OrdinalIgnoreCase)).Entry?.Invoke(),
            _ => null,
        };
        if (entry is not null) return true;
        fault = AdminFault.NotFound(host, address.Resource switch
        {
            AdminResource.Rule => $"{address.SubscriptionPath}/Rules/{address.Rule}",
            AdminResource.Subscription => address.SubscriptionPath,
            _ => address.Entity,
        });
        return false;
    }

    /// <summary>One page, in the order of names.</summary>
    public bool TryFeed(
        AdminAddress address, int skip, int top, [NotNullWhen(true)] out XElement? feed, [NotNullWhen(false)] out AdminFault? fault)
    {
        (feed, fault) = (null, null);
        switch (address.Resource)
        {
            case AdminResource.Queues:
                feed = Page("$Resources/queues", "Queues", entities.Queues.Select(queue => Item(queue.Path, () => Of(queue))), skip, top);
                return true;
            case AdminResource.Topics:
                feed = Page("$Resources/topics", "Topics", entities.Topics.Select(topic => Item(topic.Path, () => Of(topic))), skip, top);
                return true;
            case AdminResource.Subscriptions when entities.TryFindEntity<TopicEntity>(address.Entity, out var topic):
                feed = Page(
                    $"{topic.Path}/Subscriptions", "Subscriptions", topic.Subscriptions.Select(subscription => Item(subscription.Name, () => Of(subscription))), skip, top);
                return true;
            case AdminResource.Rules when entities.TryFindEntity<SubscriptionEntity>(address.SubscriptionPath, out var subscription):
                feed = Page($"{subscription.Path}/Rules", "Rules", Rules(subscription), skip, top);
                return true;
            default:
                fault = AdminFault.NotFound(host, address.Resource == AdminResource.Rules ? address.SubscriptionPath : address.Entity);
                return false;
        }
    }

    private static (string Name, Func<XElement> Entry) Item(string name, Func<XElement> entry) => (name, entry);

    private XElement Page(string path, string title, IEnumerable<(string Name, Func<XElement> Entry)> items, int skip, int top)
    {
        // One more than the page tells whether there is a next one.
        var page = items.OrderBy(item => item.Name, StringComparer.OrdinalIgnoreCase).Skip(skip).Take(top + 1).ToList();
        return documents.Feed(path, title, page.Take(top).Select(item => item.Entry()).ToList(), skip, top, page.Count > top && top > 0);
    }

    private XElement Of(QueueEntity queue) =>
        Entry(queue, QueueXml.Write(queue.Settings with { Extras = profile.Complete(queue.Settings.Extras) }, EntityFigures.Of(queue), documents.Address));

    private XElement Of(TopicEntity topic) =>
        Entry(topic, TopicXml.Write(topic.Settings with { Extras = profile.Complete(topic.Settings.Extras) }, EntityFigures.Of(topic)));

    private XElement Entry(IEntity entity, XElement description) =>
        documents.Entry(entity.Path, entity.Path, description, entity.Origin.CreatedAt, entity.Origin.UpdatedAt);

    private XElement Of(SubscriptionEntity subscription) => documents.Entry(
        subscription.Path,
        subscription.Name,
        SubscriptionXml.Write(subscription.Settings, EntityFigures.Of(subscription), documents.Address),
        subscription.Origin.CreatedAt,
        subscription.Origin.UpdatedAt);

    private IEnumerable<(string Name, Func<XElement> Entry)> Rules(SubscriptionEntity subscription)
    {
        return subscription.Settings.Rules.Select(rule => Item(rule.Name, () =>
        {
            var created = rule.CreatedAt ?? subscription.Origin.CreatedAt;
            return documents.Entry($"{subscription.Path}/Rules/{rule.Name}", rule.Name, RuleXml.Write(rule, created), created, created);
        }));
    }

    private XElement NamespaceInfo()
    {
        var info = new DescriptionWriter("NamespaceInfo")
            .Add("CreatedTime", profile.StartedAt)
            .Add("MessagingSKU", "Standard")
            .Add("ModifiedTime", profile.StartedAt)
            .Add("Name", profile.Name)
            .Add("NamespaceType", "Messaging");
        return documents.Entry("$namespaceinfo", profile.Name, info.Element, profile.StartedAt, profile.StartedAt);
    }
}
