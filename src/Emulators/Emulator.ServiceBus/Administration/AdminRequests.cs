using System.Globalization;
using System.Xml.Linq;
using Emulator.ServiceBus.Topology;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Emulator.ServiceBus.Diagnostics;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Links;

namespace Emulator.ServiceBus.Administration;

/// <summary>The ATOM surface: token, address, body, operation, answer.</summary>
internal sealed class AdminRequests(
    EntityAdministration administration,
    AdminAuthorisation authorisation,
    NamespaceProfile profile,
    BrokerCounters counters,
    TimeProvider time)
{
    /// <summary>Largest body read. The largest legal one, a rule with long filter and action and many properties, is well below.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    private const int MaxPage = 100;

    public async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        var reply = await AnswerAsync(context).ConfigureAwait(false);
        var response = context.Response;
        response.StatusCode = reply.Status;
        response.ContentType = reply.ContentType;
        response.ContentLength = reply.Body.Length;
        if (HttpMethods.IsHead(request.Method)) return;
        await response.Body.WriteAsync(reply.Body, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task<AdminReply> AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = EntityPath.Normalise(query < 0 ? target : target[..query]);
        var host = request.Host.Value ?? "localhost";
        if (authorisation.Refuse(request.Headers.Authorization, path, host) is { } refused) return Refuse(refused);
        counters.Managed();
        if (!AdminAddress.TryParse(path, out var address)) return Refuse(AdminFault.NotFound(host, path));
        var version = request.Query["api-version"].ToString();
        var documents = new AtomDocuments($"{request.Scheme}://{host}", Uri.EscapeDataString(version), profile.Name, time.GetUtcNow());
        var views = new EntityViews(administration.Entities, documents, profile, host);
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) return Get(request, address, views);
        if (HttpMethods.IsPut(request.Method)) return await PutAsync(context, address, views, host).ConfigureAwait(false);
        if (HttpMethods.IsDelete(request.Method)) return await DeleteAsync(context, address, host).ConfigureAwait(false);
        return Refuse(AdminFault.NotAllowed(request.Method, path));
    }

    private AdminReply Get(HttpRequest request, AdminAddress address, EntityViews views)
    {
        if (address.Resource is not (AdminResource.Queues or AdminResource.Topics or AdminResource.Subscriptions or AdminResource.Rules))
        {
            return views.TryEntry(address, out var entry, out var fault) ? AdminReply.OfEntry(200, entry) : Refuse(fault);
        }

        if (!TryNumber(request, "$skip", 0, int.MaxValue, out var skip))
        {
            return Refuse(AdminFault.Bad("$skip: expected a whole number of 0 or more."));
        }
        if (!TryNumber(request, "$top", MaxPage, MaxPage, out var top))
        {
            return Refuse(AdminFault.Bad("$top: expected a whole number of 0 or more."));
        }
        return views.TryFeed(address, skip, top, out var feed, out var missing) ? AdminReply.OfFeed(feed) : Refuse(missing);
    }

    private async Task<AdminReply> PutAsync(HttpContext context, AdminAddress address, EntityViews views, string host)
    {
        var (description, refusal) = await ReadAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
        if (description is null) return Refuse(refusal!);
        var isUpdate = context.Request.Headers.IfMatch.Count > 0;
        var faults = new List<string>();
        var reader = new DescriptionReader(description, faults);
        Func<Task<AdminFault?>>? put = (address.Resource, description.Name.LocalName) switch
        {
            (AdminResource.Entity, QueueXml.Name) => Put(
                QueueXml.Read(address.Entity, reader), administration.CreateAsync, administration.UpdateAsync),
            (AdminResource.Entity, TopicXml.Name) => Put(
                TopicXml.Read(address.Entity, reader), administration.CreateAsync, administration.UpdateAsync),
            (AdminResource.Subscription, SubscriptionXml.Name) => Put(
                SubscriptionXml.Read(address.Subscription, reader),
                (settings, _, cancelled) => administration.CreateAsync(address.Entity, settings, host, cancelled),
                (settings, _, cancelled) => administration.UpdateAsync(address.Entity, settings, host, cancelled)),
            (AdminResource.Rule, RuleXml.Name) => PutRule(description, faults),
            _ => null,
        };
        if (put is null)
        {
            return Refuse(
                AdminFault.Bad(
                    $"Expected the description of a queue, topic, subscription or rule at its address, got {description.Name.LocalName}."));
        }
        if (faults.Count > 0) return Refuse(AdminFault.Bad(string.Join(" ", faults.Select(fault => fault + "."))));
        if (await put().ConfigureAwait(false) is { } fault) return Refuse(fault);
        return views.TryEntry(address, out var entry, out var gone) ? AdminReply.OfEntry(isUpdate ? 200 : 201, entry) : Refuse(gone);

        Func<Task<AdminFault?>> Put<T>(
            T settings,
            Func<T, string, CancellationToken, Task<AdminFault?>> create,
            Func<T, string, CancellationToken, Task<AdminFault?>> update) =>
            () => (isUpdate ? update : create)(settings, host, context.RequestAborted);

        Func<Task<AdminFault?>> PutRule(XElement element, List<string> found)
        {
            // Clients repeat the name in the description; the address is what counts.
            var rule = RuleXml.Read(address.Rule, element, found) with { Name = address.Rule, CreatedAt = time.GetUtcNow() };
            return () => administration.Entities.TryFindEntity<SubscriptionEntity>(address.SubscriptionPath, out var subscription)
                ? administration.PutRuleAsync(subscription, rule, isUpdate, host, context.RequestAborted)
                : Task.FromResult<AdminFault?>(AdminFault.NotFound(host, address.SubscriptionPath));
        }
    }

    private async Task<AdminReply> DeleteAsync(HttpContext context, AdminAddress address, string host)
    {
        var fault = address.Resource switch
        {
            AdminResource.Entity => await administration.DeleteAsync(address.Entity, host, context.RequestAborted).ConfigureAwait(false),
            AdminResource.Subscription =>
                await administration.DeleteAsync(address.SubscriptionPath, host, context.RequestAborted).ConfigureAwait(false),
            AdminResource.Rule when administration.Entities.TryFindEntity<SubscriptionEntity>(
                address.SubscriptionPath, out var subscription) =>
                await administration.DeleteRuleAsync(subscription, address.Rule, host, context.RequestAborted).ConfigureAwait(false),
            AdminResource.Rule => AdminFault.NotFound(host, address.SubscriptionPath),
            AdminResource.NamespaceInfo
                or AdminResource.Queues
                or AdminResource.Topics
                or AdminResource.Subscriptions
                or AdminResource.Rules =>
                AdminFault.NotAllowed("DELETE", address.Resource.ToString()),
        };
        return fault is null ? AdminReply.Empty : Refuse(fault);
    }

    private AdminReply Refuse(AdminFault fault) => AdminReply.Of(fault, Guid.NewGuid(), time.GetUtcNow());

    private static bool TryNumber(HttpRequest request, string name, int absent, int most, out int value)
    {
        value = absent;
        if (request.Query[name] is not [{ Length: > 0 } text]) return true;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)) return false;
        value = Math.Min(value, most);
        return true;
    }

    /// <summary>The description inside the entry.</summary>
    private static async Task<(XElement? Description, AdminFault? Refusal)> ReadAsync(
        HttpRequest request, CancellationToken cancellationToken)
    {
        var body = new MemoryStream();
        try
        {
            await request.Body.CopyToAsync(body, cancellationToken).ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (null, new AdminFault(413, 41300, $"Expected a body of at most {MaxBodyBytes} bytes, got more."));
        }

        if (DescriptionReader.Parse(body.GetBuffer().AsMemory(0, (int)body.Length), out var error) is not { } root)
        {
            return (null, AdminFault.Bad($"Expected an ATOM entry in XML, got something else: {error}"));
        }

        var description = root.Name.LocalName == "entry"
            ? root.Elements().FirstOrDefault(child => child.Name.LocalName == "content")?.Elements().FirstOrDefault()
            : root;
        return description is null
            ? (null, AdminFault.Bad("Expected an ATOM entry with a description in its content, got none."))
            : (description, null);
    }
}
