namespace Latchkey.Ledger;

/// <summary>
/// An entry's own fields, written straight into the bytes that are hashed: in any order, put in the canonical one at the end.
/// A value that the format can't hold is a <see cref="LedgerFormatException"/> that names the field. Not safe for concurrent use.
/// </summary>
public sealed class FieldsWriter
{
    private readonly CanonicalWriter _writer = new(anyValue: false);

    // Those of the object that is being written, after those of the objects around it. Each ends with its comma.
    private readonly List<Member> _members = new(16);

    /// <summary>Forgets what was written, so that the room it took serves for the next entry.</summary>
    public void Clear()
    {
        _writer.Clear();
        _members.Clear();
    }

    /// <summary>Writes a string.</summary>
    /// <param name="name">The field's name, like every name here not used twice in one object.</param>
    /// <param name="value">Any text without half a surrogate pair.</param>
    public void Text(string name, string value)
    {
        var start = Begin(name);
        _writer.WriteString(value);
        End(name, start);
    }

    /// <summary>Writes a list of strings.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="values">Any texts, none included.</param>
    public void Texts(string name, IEnumerable<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        List(name, values, static (writer, value) => writer._writer.WriteString(value));
    }

    /// <summary>Writes an integer.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">Within ±<see cref="CanonicalJson.MaxInteger"/>.</param>
    public void Number(string name, long value)
    {
        var start = Begin(name);
        _writer.WriteInteger(value);
        End(name, start);
    }

    /// <summary>Writes true or false.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The value.</param>
    public void Flag(string name, bool value)
    {
        var start = Begin(name);
        _writer.WriteFlag(value);
        End(name, start);
    }

    /// <summary>Writes an instant as a string, in UTC, cut to the millisecond it lies in.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The instant.</param>
    public void Time(string name, DateTimeOffset value)
    {
        var start = Begin(name);
        _writer.WriteTime(value);
        End(name, start);
    }

    /// <summary>Writes a commitment in the form of <see cref="Ledger.Commitment.ToField"/>.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="contentId">The id under which content and salt are kept.</param>
    /// <param name="commitment">What <see cref="Ledger.Commitment.Of"/> gave.</param>
    public void Commitment(string name, string contentId, Hash commitment)
    {
        var start = Begin(name);
        _writer.WriteAscii("{\"id\":"u8);
        _writer.WriteString(contentId);
        _writer.WriteAscii(",\"sha256\":"u8);
        _writer.WriteHash(commitment);
        _writer.WriteAscii("}"u8);
        End(name, start);
    }

    /// <summary>Writes a list of objects.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="items">What each object is of, none included.</param>
    /// <param name="write">Writes the fields of one.</param>
    public void Objects<T>(string name, IEnumerable<T> items, Action<FieldsWriter, T> write)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(write);
        List(name, items, (writer, item) => writer.Object(item, write));
    }

    /// <summary>All that was written, in canonical order.</summary>
    /// <exception cref="LedgerFormatException">A field is there twice, or has a name that every entry uses (<see cref="LedgerEntry"/>).</exception>
    public EncodedFields ToFields()
    {
        Sort(first: 0);
        var others = EncodedFields.OfEveryEntry;
        var places = new int[others.Length];
        var next = 0;
        foreach (var member in _members)
        {
            for (; next < others.Length && string.CompareOrdinal(others[next], member.Name) <= 0; next++)
            {
                if (others[next] == member.Name)
                    throw Twice(member.Name);
                places[next] = member.Start;
            }
        }

        places.AsSpan(next).Fill(_writer.Written.Length);
        return new EncodedFields(_writer.ToArray(), places);
    }

    private void List<T>(string name, IEnumerable<T> items, Action<FieldsWriter, T> write)
    {
        var start = Begin(name);
        _writer.WriteAscii("["u8);
        var some = false;
        foreach (var item in items)
        {
            if (some)
                _writer.WriteAscii(","u8);
            write(this, item);
            some = true;
        }

        _writer.WriteAscii("]"u8);
        End(name, start);
    }

    private void Object<T>(T item, Action<FieldsWriter, T> write)
    {
        var first = _members.Count;
        _writer.WriteAscii("{"u8);
        write(this, item);
        if (_members.Count == first)
        {
            _writer.WriteAscii("}"u8);
            return;
        }

        Sort(first);
        _writer.Written[^1] = (byte)'}';
        _members.RemoveRange(first, _members.Count - first);
    }

    private int Begin(string name)
    {
        var start = _writer.Written.Length;
        _writer.Enter(name);
        _writer.WriteString(name);
        _writer.WriteAscii(":"u8);
        return start;
    }

    private void End(string name, int start)
    {
        _writer.WriteAscii(","u8);
        _writer.Leave();
        _members.Add(new Member(name, start, _writer.Written.Length - start));
    }

    /// <summary>Puts the members from <paramref name="first"/> on, and the bytes they take, in the order of their names' UTF-16 code units.</summary>
    private void Sort(int first)
    {
        var sorted = true;
        for (var i = first + 1; i < _members.Count; i++)
            sorted &= string.CompareOrdinal(_members[i - 1].Name, _members[i].Name) < 0;
        if (sorted)
            return;
        var start = _members[first].Start;
        var region = _writer.Written[start..];
        var asTheyCame = region.ToArray();
        _members.Sort(first, _members.Count - first, Member.ByName);
        var to = 0;
        for (var i = first; i < _members.Count; i++)
        {
            var member = _members[i];
            if (i > first && member.Name == _members[i - 1].Name)
                throw Twice(member.Name);
            asTheyCame.AsSpan(member.Start - start, member.Length).CopyTo(region[to..]);
            _members[i] = member with { Start = start + to };
            to += member.Length;
        }
    }

    private LedgerFormatException Twice(string name)
    {
        _writer.Enter(name);
        return _writer.Refuse("is there twice");
    }

    private readonly record struct Member(string Name, int Start, int Length)
    {
        public static readonly IComparer<Member> ByName = Comparer<Member>.Create((left, right) => string.CompareOrdinal(left.Name, right.Name));
    }
}
