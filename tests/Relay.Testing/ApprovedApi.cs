using System.Reflection;
using System.Text;

namespace Relay.Testing;

/// <summary>
/// Compares an assembly's public surface with the text a reviewer approved, so that it changes only together with that text.
/// </summary>
public static class ApprovedApi
{
    /// <summary>
    /// Fails the test when the assembly's public surface is not what <paramref name="approvedPath"/> (relative to the test assembly) says.
    /// </summary>
    /// <remarks>
    /// Where the environment variable RELAY_WRITE_API names a file, the surface
    /// is written there first: copy it over the approved one to approve it.
    /// </remarks>
    public static void AssertMatches(Assembly assembly, string approvedPath)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var actual = Surface(assembly);
        var write = Environment.GetEnvironmentVariable("RELAY_WRITE_API");
        if (!string.IsNullOrEmpty(write))
        {
            File.WriteAllText(write, actual);
        }

        Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, approvedPath)), actual);
    }

    private static string Surface(Assembly assembly)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(type.FullName).Append('\n');
            var members = type.GetMembers(Declared)
                .Where(member => member is not MethodInfo { IsSpecialName: true } && !member.Name.Contains('<', StringComparison.Ordinal));
            foreach (var line in members.Select(member => Line(type, member)).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        _ => "class",
    };

    private static string Line(Type type, MemberInfo member) => member switch
    {
        FieldInfo { IsLiteral: true } field =>
            $"{(type.IsEnum ? "" : $"const {Name(field.FieldType)} ")}{field.Name} = {field.GetRawConstantValue()}",
        PropertyInfo property =>
            $"{Name(property.PropertyType)} {property.Name} {{ "
                + $"{(property.GetMethod?.IsPublic == true ? "get; " : "")}{(property.SetMethod?.IsPublic == true ? "set; " : "")}}}",
        _ => member.ToString()!,
    };

    private static string Name(Type type) => type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : type.Name;
}
