#nullable disable annotations
using System.Runtime.CompilerServices;
using Azure.Messaging.ServiceBus.Administration;
using Azure.Messaging.ServiceBus.Wire;

namespace Azure.Messaging.ServiceBus;

/// <summary>Adds, removes and lists the rules of a subscription, with the right to listen alone. Thread-safe.</summary>
public class ServiceBusRuleManager : IAsyncDisposable
{
    private const int PageSize = 100;

    private readonly ConnectionScope _scope;
    private readonly ManagementClient _management;
    private volatile bool _closed;

    /// <summary>For subclasses that stand in for a manager in tests.</summary>
    protected ServiceBusRuleManager()
    {
    }

    internal ServiceBusRuleManager(ServiceBusClient client, string subscriptionPath)
    {
        SubscriptionPath = subscriptionPath;
        FullyQualifiedNamespace = client.FullyQualifiedNamespace;
        _scope = client.Scope;
        _management = new ManagementClient(_scope, subscriptionPath);
    }

    /// <summary>Host of the namespace.</summary>
    public virtual string FullyQualifiedNamespace { get; }

    /// <summary>Path of the subscription.</summary>
    public virtual string SubscriptionPath { get; }

    /// <summary>Whether it was closed; it then throws <see cref="ObjectDisposedException"/>.</summary>
    public virtual bool IsClosed => _closed;

    /// <summary>Adds a rule without action.</summary>
    /// <exception cref="ServiceBusException">With MessagingEntityAlreadyExists when there is a rule of that name.</exception>
    /// <exception cref="ArgumentException">The service found the rule wrong; the message says what.</exception>
    public virtual Task CreateRuleAsync(string ruleName, RuleFilter filter, CancellationToken cancellationToken = default) =>
        CreateRuleAsync(new CreateRuleOptions(ruleName, filter), cancellationToken);

    /// <summary>Adds a rule.</summary>
    /// <exception cref="ServiceBusException">With MessagingEntityAlreadyExists when there is a rule of that name.</exception>
    /// <exception cref="ArgumentException">The service found the rule wrong; the message says what.</exception>
    public virtual Task CreateRuleAsync(CreateRuleOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfClosed();
        var body = RuleCodec.Write(options);
        return _scope.Retries.RunAsync(async (tryTimeout, token) =>
        {
            await _management.AddRuleAsync(body, tryTimeout, token).ConfigureAwait(false);
            return true;
        }, SubscriptionPath, cancellationToken);
    }

    /// <summary>Removes a rule.</summary>
    /// <exception cref="ServiceBusException">With MessagingEntityNotFound when there is none of that name.</exception>
    public virtual Task DeleteRuleAsync(string ruleName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(ruleName);
        ThrowIfClosed();
        return _scope.Retries.RunAsync(async (tryTimeout, token) =>
        {
            await _management.RemoveRuleAsync(ruleName, tryTimeout, token).ConfigureAwait(false);
            return true;
        }, SubscriptionPath, cancellationToken);
    }

    /// <summary>Lists the rules, a page at a time as the caller goes on.</summary>
    public virtual async IAsyncEnumerable<RuleProperties> GetRulesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        for (var skip = 0; ;)
        {
            var from = skip;
            var page = await _scope.Retries.RunAsync(
                (tryTimeout, token) => _management.GetRulesAsync(from, PageSize, tryTimeout, token), SubscriptionPath, cancellationToken).ConfigureAwait(false);
            foreach (var rule in page)
            {
                yield return rule;
            }

            skip += page.Count;
            if (page.Count == 0)
            {
                yield break;
            }
        }
    }

    /// <summary>Closes the manager.</summary>
    public virtual async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        _closed = true;
        if (_management is not null)
        {
            await _management.CloseAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc cref="CloseAsync"/>
    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync(CancellationToken.None).ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_closed, this);
}
