#nullable disable annotations
using Azure.Core;
using Azure.Messaging.ServiceBus.Wire;

namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>Creates, reads, changes and deletes the entities of a namespace. Thread-safe; keep one.</summary>
/// <remarks>
/// Failures: <see cref="ServiceBusException"/> with MessagingEntityNotFound, MessagingEntityAlreadyExists, QuotaExceeded or ServiceBusy;
/// <see cref="ArgumentException"/> for settings the service refuses, <see cref="UnauthorizedAccessException"/> for a token it refuses.
/// </remarks>
public class ServiceBusAdministrationClient
{
    private readonly AdministrationHttp _http;

    /// <summary>For subclasses that stand in for a client in tests.</summary>
    protected ServiceBusAdministrationClient()
    {
    }

    /// <inheritdoc cref="ServiceBusAdministrationClient(string, ServiceBusAdministrationClientOptions)"/>
    public ServiceBusAdministrationClient(string connectionString)
        : this(connectionString, new ServiceBusAdministrationClientOptions())
    {
    }

    /// <summary>A client of the namespace a connection string names.</summary>
    /// <param name="connectionString">With an endpoint and either a key name and key or a signature. With <c>UseDevelopmentEmulator=true</c> it is spoken to in
    /// plain HTTP; a port in the endpoint counts.</param>
    /// <param name="options">May be null.</param>
    /// <exception cref="ArgumentException">The string is empty or lacks a part.</exception>
    /// <exception cref="FormatException">The string is malformed.</exception>
    public ServiceBusAdministrationClient(string connectionString, ServiceBusAdministrationClientOptions options)
    {
        var properties = ServiceBusConnectionStringProperties.Parse(connectionString);
        options ??= new ServiceBusAdministrationClientOptions();
        var scheme = properties.UseDevelopmentEmulator ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;
        var address = new UriBuilder(scheme, properties.FullyQualifiedNamespace, properties.Endpoint.Port).Uri;
        _http = new AdministrationHttp(address, ServiceBusClient.TokensOf(properties, TimeProvider.System, nameof(connectionString)), options);
    }

    /// <inheritdoc cref="ServiceBusAdministrationClient(string, TokenCredential, ServiceBusAdministrationClientOptions)"/>
    public ServiceBusAdministrationClient(string fullyQualifiedNamespace, TokenCredential credential)
        : this(fullyQualifiedNamespace, credential, new ServiceBusAdministrationClientOptions())
    {
    }

    /// <summary>A client of a namespace, let in by an identity.</summary>
    /// <param name="fullyQualifiedNamespace">For instance <c>name.servicebus.windows.net</c>.</param>
    /// <param name="credential">Gives tokens for Service Bus.</param>
    /// <param name="options">May be null.</param>
    public ServiceBusAdministrationClient(string fullyQualifiedNamespace, TokenCredential credential, ServiceBusAdministrationClientOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(fullyQualifiedNamespace);
        ArgumentNullException.ThrowIfNull(credential);
        _http = new AdministrationHttp(
            new UriBuilder(Uri.UriSchemeHttps, fullyQualifiedNamespace).Uri, TokenSource.FromCredential(credential), options ?? new ServiceBusAdministrationClientOptions());
    }

    /// <summary>What the namespace says of itself.</summary>
    public virtual Task<Response<NamespaceProperties>> GetNamespacePropertiesAsync(CancellationToken cancellationToken = default) =>
        _http.GetAsync("$namespaceinfo", AdministrationXml.ReadNamespace, cancellationToken);

    /// <summary>Creates a queue with the default settings.</summary>
    public virtual Task<Response<QueueProperties>> CreateQueueAsync(string name, CancellationToken cancellationToken = default) =>
        CreateQueueAsync(new CreateQueueOptions(name), cancellationToken);

    /// <summary>Creates a queue.</summary>
    public virtual Task<Response<QueueProperties>> CreateQueueAsync(CreateQueueOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return _http.PutAsync(options.Name, AdministrationXml.Write(new QueueProperties(options)), isUpdate: false, AdministrationXml.ReadQueue, cancellationToken);
    }

    /// <summary>Settings of a queue.</summary>
    public virtual Task<Response<QueueProperties>> GetQueueAsync(string name, CancellationToken cancellationToken = default) =>
        _http.GetAsync(Checked(name), AdministrationXml.ReadQueue, cancellationToken);

    /// <summary>Counts, size and times of a queue.</summary>
    public virtual Task<Response<QueueRuntimeProperties>> GetQueueRuntimePropertiesAsync(string name, CancellationToken cancellationToken = default) =>
        _http.GetAsync(Checked(name), AdministrationXml.ReadQueueRuntime, cancellationToken, enrich: true);

    /// <summary>Every queue, by name.</summary>
    public virtual AsyncPageable<QueueProperties> GetQueuesAsync(CancellationToken cancellationToken = default) =>
        _http.ListAsync("$Resources/queues", AdministrationXml.ReadQueue, cancellationToken);

    /// <summary>Counts, size and times of every queue, by name.</summary>
    public virtual AsyncPageable<QueueRuntimeProperties> GetQueuesRuntimePropertiesAsync(CancellationToken cancellationToken = default) =>
        _http.ListAsync("$Resources/queues", AdministrationXml.ReadQueueRuntime, cancellationToken, enrich: true);

    /// <summary>Changes a queue.</summary>
    /// <param name="queue">As read, with other values.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public virtual Task<Response<QueueProperties>> UpdateQueueAsync(QueueProperties queue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return _http.PutAsync(queue.Name, AdministrationXml.Write(queue), isUpdate: true, AdministrationXml.ReadQueue, cancellationToken);
    }

    /// <summary>Deletes a queue with its messages.</summary>
    public virtual Task<Response> DeleteQueueAsync(string name, CancellationToken cancellationToken = default) => _http.DeleteAsync(Checked(name), cancellationToken);

    /// <summary>Whether there is a queue of that name.</summary>
    public virtual Task<Response<bool>> QueueExistsAsync(string name, CancellationToken cancellationToken = default) =>
        _http.ExistsAsync(Checked(name), AdministrationXml.IsQueue, cancellationToken);

    /// <summary>Creates a topic with the default settings.</summary>
    public virtual Task<Response<TopicProperties>> CreateTopicAsync(string name, CancellationToken cancellationToken = default) =>
        CreateTopicAsync(new CreateTopicOptions(name), cancellationToken);

    /// <summary>Creates a topic.</summary>
    public virtual Task<Response<TopicProperties>> CreateTopicAsync(CreateTopicOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return _http.PutAsync(options.Name, AdministrationXml.Write(new TopicProperties(options)), isUpdate: false, AdministrationXml.ReadTopic, cancellationToken);
    }

    /// <summary>Settings of a topic.</summary>
    public virtual Task<Response<TopicProperties>> GetTopicAsync(string name, CancellationToken cancellationToken = default) =>
        _http.GetAsync(Checked(name), AdministrationXml.ReadTopic, cancellationToken);

    /// <summary>Counts, size and times of a topic.</summary>
    public virtual Task<Response<TopicRuntimeProperties>> GetTopicRuntimePropertiesAsync(string name, CancellationToken cancellationToken = default) =>
        _http.GetAsync(Checked(name), AdministrationXml.ReadTopicRuntime, cancellationToken, enrich: true);

    /// <summary>Every topic, by name.</summary>
    public virtual AsyncPageable<TopicProperties> GetTopicsAsync(CancellationToken cancellationToken = default) =>
        _http.ListAsync("$Resources/topics", AdministrationXml.ReadTopic, cancellationToken);

    /// <summary>Counts, size and times of every topic, by name.</summary>
    public virtual AsyncPageable<TopicRuntimeProperties> GetTopicsRuntimePropertiesAsync(CancellationToken cancellationToken = default) =>
        _http.ListAsync("$Resources/topics", AdministrationXml.ReadTopicRuntime, cancellationToken, enrich: true);

    /// <summary>Changes a topic.</summary>
    /// <param name="topic">As read, with other values.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public virtual Task<Response<TopicProperties>> UpdateTopicAsync(TopicProperties topic, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return _http.PutAsync(topic.Name, AdministrationXml.Write(topic), isUpdate: true, AdministrationXml.ReadTopic, cancellationToken);
    }

    /// <summary>Deletes a topic with its subscriptions.</summary>
    public virtual Task<Response> DeleteTopicAsync(string name, CancellationToken cancellationToken = default) => _http.DeleteAsync(Checked(name), cancellationToken);

    /// <summary>Whether there is a topic of that name.</summary>
    public virtual Task<Response<bool>> TopicExistsAsync(string name, CancellationToken cancellationToken = default) =>
        _http.ExistsAsync(Checked(name), AdministrationXml.IsTopic, cancellationToken);

    /// <summary>Creates a subscription with the default settings and the default rule.</summary>
    public virtual Task<Response<SubscriptionProperties>> CreateSubscriptionAsync(string topicName, string subscriptionName, CancellationToken cancellationToken = default) =>
        CreateSubscriptionAsync(new CreateSubscriptionOptions(topicName, subscriptionName), cancellationToken);

    /// <summary>Creates a subscription with the default rule.</summary>
    public virtual Task<Response<SubscriptionProperties>> CreateSubscriptionAsync(CreateSubscriptionOptions options, CancellationToken cancellationToken = default) =>
        CreateSubscriptionAsync(options, new CreateRuleOptions(), cancellationToken);

    /// <summary>Creates a subscription with a rule in place of the default one.</summary>
    public virtual Task<Response<SubscriptionProperties>> CreateSubscriptionAsync(
        CreateSubscriptionOptions options, CreateRuleOptions rule, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rule);
        return _http.PutAsync(
            SubscriptionPath(options.TopicName, options.SubscriptionName),
            AdministrationXml.Write(new SubscriptionProperties(options), rule),
            isUpdate: false,
            entry => AdministrationXml.ReadSubscription(options.TopicName, entry),
            cancellationToken);
    }

    /// <summary>Settings of a subscription.</summary>
    public virtual Task<Response<SubscriptionProperties>> GetSubscriptionAsync(string topicName, string subscriptionName, CancellationToken cancellationToken = default) =>
        _http.GetAsync(SubscriptionPath(topicName, subscriptionName), entry => AdministrationXml.ReadSubscription(topicName, entry), cancellationToken);

    /// <summary>Counts and times of a subscription.</summary>
    public virtual Task<Response<SubscriptionRuntimeProperties>> GetSubscriptionRuntimePropertiesAsync(
        string topicName, string subscriptionName, CancellationToken cancellationToken = default) =>
        _http.GetAsync(SubscriptionPath(topicName, subscriptionName), entry => AdministrationXml.ReadSubscriptionRuntime(topicName, entry), cancellationToken, enrich: true);

    /// <summary>Every subscription of a topic, by name.</summary>
    public virtual AsyncPageable<SubscriptionProperties> GetSubscriptionsAsync(string topicName, CancellationToken cancellationToken = default) =>
        _http.ListAsync(Checked(topicName) + "/Subscriptions", entry => AdministrationXml.ReadSubscription(topicName, entry), cancellationToken);

    /// <summary>Counts and times of every subscription of a topic, by name.</summary>
    public virtual AsyncPageable<SubscriptionRuntimeProperties> GetSubscriptionsRuntimePropertiesAsync(string topicName, CancellationToken cancellationToken = default) =>
        _http.ListAsync(Checked(topicName) + "/Subscriptions", entry => AdministrationXml.ReadSubscriptionRuntime(topicName, entry), cancellationToken, enrich: true);

    /// <summary>Changes a subscription; its rules stay.</summary>
    /// <param name="subscription">As read, with other values.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public virtual Task<Response<SubscriptionProperties>> UpdateSubscriptionAsync(SubscriptionProperties subscription, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        return _http.PutAsync(
            SubscriptionPath(subscription.TopicName, subscription.SubscriptionName),
            AdministrationXml.Write(subscription, null),
            isUpdate: true,
            entry => AdministrationXml.ReadSubscription(subscription.TopicName, entry),
            cancellationToken);
    }

    /// <summary>Deletes a subscription with its messages.</summary>
    public virtual Task<Response> DeleteSubscriptionAsync(string topicName, string subscriptionName, CancellationToken cancellationToken = default) =>
        _http.DeleteAsync(SubscriptionPath(topicName, subscriptionName), cancellationToken);

    /// <summary>Whether there is a subscription of that name.</summary>
    public virtual Task<Response<bool>> SubscriptionExistsAsync(string topicName, string subscriptionName, CancellationToken cancellationToken = default) =>
        _http.ExistsAsync(SubscriptionPath(topicName, subscriptionName), AdministrationXml.IsSubscription, cancellationToken);

    /// <summary>Adds a rule to a subscription.</summary>
    public virtual Task<Response<RuleProperties>> CreateRuleAsync(
        string topicName, string subscriptionName, CreateRuleOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return _http.PutAsync(
            RulePath(topicName, subscriptionName, options.Name), RuleDescriptionXml.Write("RuleDescription", options), isUpdate: false, RuleDescriptionXml.Read, cancellationToken);
    }

    /// <summary>A rule of a subscription.</summary>
    public virtual Task<Response<RuleProperties>> GetRuleAsync(string topicName, string subscriptionName, string ruleName, CancellationToken cancellationToken = default) =>
        _http.GetAsync(RulePath(topicName, subscriptionName, ruleName), RuleDescriptionXml.Read, cancellationToken);

    /// <summary>Every rule of a subscription, by name.</summary>
    public virtual AsyncPageable<RuleProperties> GetRulesAsync(string topicName, string subscriptionName, CancellationToken cancellationToken = default) =>
        _http.ListAsync(SubscriptionPath(topicName, subscriptionName) + "/Rules", RuleDescriptionXml.Read, cancellationToken);

    /// <summary>Changes a rule.</summary>
    public virtual Task<Response<RuleProperties>> UpdateRuleAsync(
        string topicName, string subscriptionName, RuleProperties rule, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var description = RuleDescriptionXml.Write("RuleDescription", new CreateRuleOptions(rule));
        return _http.PutAsync(RulePath(topicName, subscriptionName, rule.Name), description, isUpdate: true, RuleDescriptionXml.Read, cancellationToken);
    }

    /// <summary>Removes a rule from a subscription.</summary>
    public virtual Task<Response> DeleteRuleAsync(string topicName, string subscriptionName, string ruleName, CancellationToken cancellationToken = default) =>
        _http.DeleteAsync(RulePath(topicName, subscriptionName, ruleName), cancellationToken);

    /// <summary>Whether a subscription has a rule of that name.</summary>
    public virtual Task<Response<bool>> RuleExistsAsync(string topicName, string subscriptionName, string ruleName, CancellationToken cancellationToken = default) =>
        _http.ExistsAsync(RulePath(topicName, subscriptionName, ruleName), static _ => true, cancellationToken);

    private static string Checked(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name;
    }

    private static string SubscriptionPath(string topicName, string subscriptionName) => $"{Checked(topicName)}/Subscriptions/{Checked(subscriptionName)}";

    private static string RulePath(string topicName, string subscriptionName, string ruleName) => $"{SubscriptionPath(topicName, subscriptionName)}/Rules/{Checked(ruleName)}";
}
