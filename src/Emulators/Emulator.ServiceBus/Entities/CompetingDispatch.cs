using System.Diagnostics.CodeAnalysis;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <summary>Competing receivers: one message each in turn, oldest message first.</summary>
internal sealed class CompetingDispatch : Dispatch
{
    private readonly ReadyList _ready = new();

    // Receivers with capacity; one without leaves when its turn comes.
    private readonly Queue<MessageReceiver> _ring = [];

    public override bool HasReady => _ready.Count > 0;

    public override bool TryTake([MaybeNullWhen(false)] out MessageEntry entry) => _ready.TryTake(out entry);

    public override void MakeReady(MessageEntry entry, bool arrived)
    {
        if (arrived) _ready.Append(entry);
        else _ready.Return(entry);
    }

    public override void Forget(MessageEntry entry) => _ready.Forget();

    public override void Offer(MessageReceiver receiver)
    {
        if (receiver.InRing) return;
        receiver.InRing = true;
        _ring.Enqueue(receiver);
    }

    public override bool TryNext([MaybeNullWhen(false)] out MessageEntry entry, [MaybeNullWhen(false)] out MessageReceiver receiver)
    {
        entry = null;
        while (_ring.TryPeek(out receiver) && receiver.Capacity <= 0)
        {
            _ring.Dequeue();
            receiver.InRing = false;
        }

        if (receiver is null || !_ready.TryTake(out entry)) return false;
        _ring.Enqueue(_ring.Dequeue());
        return true;
    }
}
