using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.Amqp.Types;
using Emulator.ServiceBus.Diagnostics;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Topology;
using Emulator.ServiceBus.Transactions;

namespace Emulator.ServiceBus.Links;

/// <summary>One client's connection: says what each address means, and routes replies to the link that waits for them.</summary>
internal sealed class ServiceBusConnection(BrokerContext context, KeyNamespaces? namespaces) : IConnectionHandler
{
    private const string TransferDestination = "com.microsoft:transfer-destination-address";

    // Guards _replyLinks and _grants: replies may come from other threads than the read loop. No call out of this class is made inside.
    private readonly Lock _gate = new();
    private readonly List<ReplyLink> _replyLinks = [];
    private readonly List<TokenGrant> _grants = [];

    // The read loop's own. Weak, because nobody says when a session is over.
    private readonly ConditionalWeakTable<AmqpSession, string> _sessionEntities = [];
    private readonly ConditionalWeakTable<AmqpSession, object> _transactional = [];
    private readonly ConnectionTransactions _transactions = new(context.Time);
    private readonly CbsNode _cbs = new(context.Tokens);

    // The read loop's own: of the first token, where key names have namespaces.
    private string? _keyName;

    public void OnAttach(AttachRequest request)
    {
        var attach = request.Attach;
        var address = attach.IsReceiver ? attach.Source?.Address : attach.TargetAddress;
        AmqpError? refusal;
        if (attach.Target is Coordinator)
        {
            _transactional.TryAdd(request.Session, request);
            request.TryAcceptSender(new ControllerLink(_transactions, context.Journal), new AttachReply(), out _);
            return;
        }

        if (address is null) refusal = new AmqpError(AmqpCondition.InvalidField, "Expected the address of an entity in the source or target, got none.");
        else refusal = attach.IsReceiver ? AttachReceiver(request, EntityPath.Normalise(address)) : AttachSender(request, EntityPath.Normalise(address));
        if (refusal is null) return;
        BrokerLog.LinkRefused(context.Logger, address ?? "", refusal.Condition.Value, refusal.Description ?? "");
        request.TryRefuse(refusal);
    }

    public void OnAttachAbandoned(AttachRequest request) => SessionAttach.Abandon(request);

    public void OnClosed(AmqpConnection connection, AmqpError? error)
    {
        if (error is not null)
        {
            BrokerLog.ConnectionClosed(context.Logger, connection.RemoteEndpoint ?? "", error.Condition.Value, error.Description ?? "");
        }
    }

    private AmqpError? AttachSender(AttachRequest request, string path)
    {
        if (string.Equals(path, CbsNode.Address, StringComparison.OrdinalIgnoreCase))
        {
            request.TryAcceptSender(new RequestLink(Authorise), new AttachReply(), out _);
            return null;
        }

        var isManagement = EntityPath.TryStrip(path, EntityPath.ManagementSuffix, out var entity);
        if (Find(request, entity, out var node) is { } refusal) return refusal;
        if (context.IsBusy()) return ServiceBusCondition.Busy;
        if (isManagement)
        {
            var management = new ManagementNode(node!, context.Journal, context.Time, _transactions, context.MaxMessageBytes);
            var requests = new RequestLink((link, asked) =>
            {
                if (context.IsBusy())
                {
                    Reply(link.Session, path, asked.ReplyTo, ManagementReply.Fault(asked, 503, ServiceBusCondition.Busy));
                    return;
                }

                if (asked.Operation.EndsWith("-rule", StringComparison.Ordinal) || asked.Operation.EndsWith("-rules", StringComparison.Ordinal)) context.Counters.Managed();
                else context.Counters.Operated();
                management.Handle(asked, reply => Reply(link.Session, path, asked.ReplyTo, reply));
            });
            if (request.TryAcceptSender(requests, new AttachReply { MaxMessageSize = context.MaxMessageBytes + ManagementNode.Envelope }, out var asking))
            {
                requests.Guest = Enter(node!, EntityUse.Manage, asking);
            }

            return null;
        }

        // Sent by way of another entity in a transaction: enqueued at the destination at once, all entities being here.
        string? destination = null;
        if (request.Attach.Properties?.TryGet(TransferDestination, out destination) == true
            && Find(request, EntityPath.Normalise(destination!), out node) is { } noDestination)
        {
            return noDestination;
        }

        if (node!.SendTarget is null)
        {
            return new AmqpError(AmqpCondition.NotAllowed, $"Entity '{node.Path}' takes no messages: send to its queue or topic.");
        }

        var maxBytes = MessageLimits.MaxMessageBytes(node.SendTarget, context.MaxMessageBytes);
        var reply = new AttachReply
        {
            MaxMessageSize = maxBytes,
            Properties = new AmqpMap { { new AmqpSymbol("com.microsoft:max-message-batch-size"), maxBytes } },
        };
        if (node.Owner.Status is EntityStatus.Disabled or EntityStatus.SendDisabled)
        {
            return ServiceBusCondition.Of(EntityFault.Disabled, node.Path);
        }

        var sender = new SenderLink(node.SendTarget, context.Journal, _transactions, context.Counters, context.IsBusy)
        {
            IsVia = destination is not null,
        };
        Join(request.Session, node);
        if (request.TryAcceptSender(sender, reply, out var link)) sender.Guest = Enter(node, EntityUse.Send, link);
        return null;
    }

    private AmqpError? AttachReceiver(AttachRequest request, string path)
    {
        var isCbs = string.Equals(path, CbsNode.Address, StringComparison.OrdinalIgnoreCase);
        var isManagement = EntityPath.TryStrip(path, EntityPath.ManagementSuffix, out var entity);
        EntityNode? node = null;
        if (!isCbs && Find(request, entity, out node) is { } refusal) return refusal;
        if (!isCbs && context.IsBusy()) return ServiceBusCondition.Busy;
        if (isCbs || isManagement)
        {
            AcceptReplyLink(request, path, node);
            return null;
        }

        if (node!.Store is not { } store)
        {
            return new AmqpError(
                AmqpCondition.NotAllowed, $"Topic '{node.Path}' gives no messages: receive from one of its subscriptions.");
        }

        if (store.ForwardTo is not null && !EntityPath.TryStrip(node.Path, EntityPath.DeadLetterSuffix, out _))
        {
            return new AmqpError(
                AmqpCondition.NotAllowed,
                $"Cannot create a message receiver on '{node.Path}': it is an entity with auto-forwarding enabled.");
        }

        if (!node.CanReceive) return ServiceBusCondition.Of(EntityFault.Disabled, node.Path);
        if (!Join(request.Session, node)) return new AmqpError(AmqpCondition.NotAllowed, ServiceBusCondition.SpansEntities);
        var mode = request.Attach.SndSettleMode == 1 ? ReceiveMode.ReceiveAndDelete : ReceiveMode.PeekLock;
        var receiver = new ReceiverLink(store, mode, context.Journal, _transactions, context.Counters);
        var wantsSession = SessionAttach.TryReadFilter(request.Attach, out var sessionId);
        if (wantsSession != store.Sessions is not null)
        {
            return new AmqpError(AmqpCondition.NotAllowed, wantsSession
                ? $"Entity '{node.Path}' has no sessions: receive from it without a session filter."
                : "It is not possible for an entity that requires sessions to create a non-sessionful message receiver.");
        }

        if (wantsSession) return SessionAttach.Accept(request, node, sessionId, receiver, mode, context);
        receiver.Bind(store.OpenReceiver(receiver, mode));
        if (request.TryAcceptReceiver(receiver, new AttachReply { MaxMessageSize = MessageLimits.MaxDeliveredBytes(context.MaxMessageBytes) }, out var link))
        {
            receiver.Enter(link, node.Owner.Life, fault => ServiceBusCondition.Ended(fault, request.Session, node.Path));
            receiver.Start(link);
            node.Owner.Origin.AccessedAt = context.Time.GetUtcNow();
        }

        return null;
    }

    /// <summary>
    /// The first entity that a transactional session's links are on is the one it may receive from, whatever it sends to. Transactional is
    /// one with a controller link, and every one of the official clients, which put links on one session for that alone; of plain clients
    /// nobody reports such a refusal.
    /// </summary>
    /// <returns>False when another was first.</returns>
    private bool Join(AmqpSession session, EntityNode node)
    {
        var entity = EntityPath.TopLevel(node.Path);
        var first = _sessionEntities.GetValue(session, _ => entity);
        if (string.Equals(first, entity, StringComparison.OrdinalIgnoreCase)) return true;
        return !_transactional.TryGetValue(session, out _)
            && session.Connection.RemoteOpen?.Properties?.TryGetText("product", out _) != true;
    }

    // Null when the connection is in the namespace of that key name from now on.
    private string? Enter(string keyName)
    {
        if (_keyName is { } first)
        {
            return first == keyName
                ? null
                : $"Expected the key name of this connection's first token, '{first}': it says which namespace it is in.";
        }

        if (namespaces!.Of(keyName) is not { } own)
        {
            return $"Expected at most {KeyNamespaces.Most} key names, each with a namespace of its own, got more: restart the emulator.";
        }

        (_keyName, context) = (keyName, own);
        return null;
    }

    private EntityGuest Enter(EntityNode node, EntityUse use, AmqpLink link)
    {
        node.Owner.Origin.AccessedAt = context.Time.GetUtcNow();
        return node.Owner.Life.Enter(use, fault => link.Detach(ServiceBusCondition.Ended(fault, link.Session, node.Path)));
    }

    private AmqpError? Find(AttachRequest request, string path, out EntityNode? node)
    {
        if (!context.Entities.TryFind(path, out node))
        {
            return ServiceBusCondition.EntityNotFound(request.Session.Connection.RemoteOpen?.HostName, path);
        }

        if (context.Tokens.IsOpen) return null;
        var now = context.Time.GetUtcNow();
        lock (_gate)
        {
            return _grants.Exists(grant => grant.ExpiresAt > now && grant.Covers(path))
                ? null
                : new AmqpError(AmqpCondition.UnauthorizedAccess, $"No valid token covers '{node.Path}': put one to $cbs first.");
        }
    }

    private void AcceptReplyLink(AttachRequest request, string path, EntityNode? node)
    {
        var reply = new ReplyLink(request.Attach.Name, request.Attach.TargetAddress, path, request.Session) { Detached = Forget };
        lock (_gate)
        {
            _replyLinks.Add(reply);
        }

        if (!request.TryAcceptReceiver(reply, new AttachReply { MaxMessageSize = context.MaxMessageBytes + ManagementNode.Envelope }, out var link))
        {
            Forget(reply);
            return;
        }

        if (node is not null) reply.Guest = Enter(node, EntityUse.Manage, link);
        reply.OnSendable(link);
    }

    private void Authorise(ReceivingLink link, NodeRequest request)
    {
        var answer = _cbs.Answer(request, out var grant);
        if (grant is { KeyName: { } keyName } && namespaces is not null && Enter(keyName) is { } refusal)
        {
            answer = CbsNode.Refuse(request, refusal);
        }
        else if (grant is { } granted)
        {
            lock (_gate)
            {
                // A renewed token replaces the one before it, so the list stays as long as the client has audiences.
                _grants.RemoveAll(old => string.Equals(old.Path, granted.Path, StringComparison.OrdinalIgnoreCase));
                _grants.Add(granted);
            }
        }

        Reply(link.Session, CbsNode.Address, request.ReplyTo, answer);
    }

    /// <summary>
    /// By the reply link's target address (.NET), else its name (JS on <c>$cbs</c>), anywhere on this connection; else the only link to
    /// that node on the session.
    /// </summary>
    private void Reply(AmqpSession session, string path, string? replyTo, byte[] reply)
    {
        ReplyLink? link;
        lock (_gate)
        {
            link = _replyLinks.Find(candidate => replyTo is not null && candidate.TargetAddress == replyTo)
                ?? _replyLinks.Find(candidate => replyTo is not null && candidate.Name == replyTo);
            if (link is null)
            {
                var near = _replyLinks.FindAll(
                    candidate => candidate.Session == session && string.Equals(candidate.Node, path, StringComparison.OrdinalIgnoreCase));
                link = near.Count == 1 ? near[0] : null;
            }
        }

        if (link is null) BrokerLog.ReplyDropped(context.Logger, path);
        else link.Send(reply);
    }

    private void Forget(ReplyLink link)
    {
        lock (_gate)
        {
            _replyLinks.Remove(link);
        }
    }
}
