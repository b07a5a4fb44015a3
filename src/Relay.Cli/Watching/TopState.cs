namespace Relay.Cli.Watching;

/// <summary>What somebody at <c>relay top</c> has chosen, and what keys do to it. One loop owns it.</summary>
internal sealed class TopState
{
    private IReadOnlyList<TopNegotiation> _negotiations = [];
    private string? _selected;

    /// <summary>Every negotiation's figures as they were last shown.</summary>
    public IReadOnlyList<TopNegotiation> Shown => [.. Sorted(_negotiations.Where(one => Inside is not null || Fits(one.Name)))];

    /// <summary>What lines have to hold; empty for all.</summary>
    public string Filter { get; private set; } = "";

    /// <summary>True while the filter is being typed.</summary>
    public bool IsTyping { get; private set; }

    /// <summary>What the list is sorted by.</summary>
    public TopColumn Column { get; private set; }

    /// <summary>True for the order turned round.</summary>
    public bool IsReversed { get; private set; }

    /// <summary>True while what is new is not shown.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>The negotiation that is looked into; null in the list.</summary>
    public TopNegotiation? Inside => _inside is null ? null : _negotiations.FirstOrDefault(one => one.Name == _inside);

    /// <summary>Its name, also while nothing is known of it.</summary>
    public string? InsideName => _inside;

    /// <summary>Of the relay as a whole; empty for none.</summary>
    public string Note { get; private set; } = "";

    /// <summary>True while the keys are explained; the next key ends that.</summary>
    public bool IsHelp { get; private set; }

    /// <summary>Lines of <see cref="Inside"/> that are above the screen.</summary>
    public int Scroll { get; private set; }

    /// <summary>Place of the chosen one in <see cref="Shown"/>.</summary>
    public int Selected
    {
        get
        {
            var shown = Shown;
            for (var i = 0; i < shown.Count; i++) if (shown[i].Name == _selected) return i;
            return 0;
        }
    }

    private string? _inside;

    /// <summary>Takes new figures, unless it is paused.</summary>
    public void Take(TopFigures figures)
    {
        if (IsPaused && _negotiations.Count > 0) return;
        (_negotiations, Note) = (figures.Negotiations, figures.Note);
    }

    /// <summary>Whether a line is one that was asked for.</summary>
    public bool Fits(string line) => line.Contains(Filter, StringComparison.OrdinalIgnoreCase);

    /// <summary>Does what a key means.</summary>
    /// <returns>False for the one that ends it.</returns>
    public bool Press(ConsoleKeyInfo key)
    {
        if (IsHelp)
        {
            IsHelp = false;
            return key.KeyChar != 'q';
        }
        if (IsTyping) return Type(key);
        switch (key.Key)
        {
            case ConsoleKey.UpArrow:
                Move(-1);
                return true;
            case ConsoleKey.DownArrow:
                Move(1);
                return true;
            case ConsoleKey.PageUp:
                Move(-10);
                return true;
            case ConsoleKey.PageDown:
                Move(10);
                return true;
            case ConsoleKey.Enter:
                if (_inside is null && Shown is { Count: > 0 } shown) (_inside, Scroll) = (shown[Selected].Name, 0);
                return true;
            case ConsoleKey.Escape or ConsoleKey.Backspace:
                if (_inside is not null) _inside = null;
                else Filter = "";
                return true;
        }
        switch (key.KeyChar)
        {
            case 'q':
                return false;
            case 'k':
                Move(-1);
                break;
            case 'j':
                Move(1);
                break;
            case '?':
                IsHelp = true;
                break;
            case '/':
                IsTyping = true;
                break;
            case ' ':
                IsPaused = !IsPaused;
                break;
            case 's':
                Column = (TopColumn)(((int)Column + 1) % Enum.GetValues<TopColumn>().Length);
                break;
            case 'r':
                IsReversed = !IsReversed;
                break;
        }
        return true;
    }

    private bool Type(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.Enter:
                IsTyping = false;
                break;
            case ConsoleKey.Escape:
                (IsTyping, Filter) = (false, "");
                break;
            case ConsoleKey.Backspace:
                Filter = Filter.Length == 0 ? "" : Filter[..^1];
                break;
            default:
                if (!char.IsControl(key.KeyChar)) Filter += key.KeyChar;
                break;
        }
        Scroll = 0;
        return true;
    }

    private void Move(int by)
    {
        if (_inside is not null)
        {
            Scroll = Math.Max(0, Scroll + by);
            return;
        }
        var shown = Shown;
        if (shown.Count > 0) _selected = shown[Math.Clamp(Selected + by, 0, shown.Count - 1)].Name;
    }

    // The largest first; names by the alphabet.
    private IEnumerable<TopNegotiation> Sorted(IEnumerable<TopNegotiation> negotiations)
    {
        var byName = negotiations.OrderBy(one => one.Name, StringComparer.Ordinal);
        var sorted = Column switch
        {
            TopColumn.Negotiation => byName,
            TopColumn.In => byName.OrderByDescending(one => one.Flow?.In),
            TopColumn.Held => byName.OrderByDescending(one => one.Flow?.Held),
            TopColumn.Refused => byName.OrderByDescending(one => one.Flow?.Refused),
            TopColumn.P99 => byName.OrderByDescending(one => one.Flow?.P99),
            TopColumn.Silence => byName.OrderByDescending(one => one.Silence),
            TopColumn.Alarms => byName.OrderByDescending(one => one.Alarms),
            TopColumn.Newest => byName.OrderByDescending(one => one.Newest),
        };
        return IsReversed ? sorted.Reverse() : sorted;
    }
}
