using System.Diagnostics.CodeAnalysis;

namespace Emulator.Amqp.State;

/// <summary>
/// Objects by a small number such as a channel or handle. Grows to the highest
/// number in use, which the caller bounds. Guarded by the connection's gate.
/// </summary>
internal sealed class SlotTable<T>
    where T : class
{
    private T?[] _slots = [];

    public int Count { get; private set; }

    public bool TryGet(uint number, [NotNullWhen(true)] out T? item)
    {
        item = number < (uint)_slots.Length ? _slots[number] : null;
        return item is not null;
    }

    public void Set(uint number, T item)
    {
        if (number >= (uint)_slots.Length)
        {
            Array.Resize(ref _slots, (int)Math.Max(number + 1, (uint)(_slots.Length * 2)));
        }

        _slots[number] = item;
        Count++;
    }

    public void Remove(uint number, T item)
    {
        if (number < (uint)_slots.Length && ReferenceEquals(_slots[number], item))
        {
            _slots[number] = null;
            Count--;
        }
    }

    /// <summary>The wanted number when free, else the lowest free one up to a bound.</summary>
    public bool TryFindFree(uint wanted, uint max, out uint number)
    {
        number = wanted;
        if (wanted <= max && !TryGet(wanted, out _))
        {
            return true;
        }

        for (number = 0; number <= max; number++)
        {
            if (!TryGet(number, out _))
            {
                return true;
            }
        }

        return false;
    }

    public List<T> ToList()
    {
        var items = new List<T>(Count);
        foreach (var item in _slots)
        {
            if (item is not null)
            {
                items.Add(item);
            }
        }

        return items;
    }
}
