// Generated from ../crates/server/openapi.json by `npm run types`; not edited by hand.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A labelled act that nothing saw. */
        ActNotFound: {
            /** @description Its id in the ground truth. */
            id: string;
            /** @description Its name. */
            name: components["schemas"]["Text"];
            /** @description Why nothing saw it. */
            why: components["schemas"]["Text"];
        };
        /** @description A labelled act of the demo incident. */
        ActRef: {
            /** @description Its id in the ground truth. */
            id: string;
            /** @description Its name. */
            name: components["schemas"]["Text"];
        };
        /** @description Somebody who got in: an application with a user. */
        Actor: {
            /** @description How many addresses there are. */
            address_count: number;
            /** @description Source addresses, at most [`MAX_ADDRESSES_SHOWN`]. */
            addresses: string[];
            /** @description The application. */
            app: string | null;
            /**
             * Format: int64
             * @description Events, as many as the search shows.
             */
            events: number;
            from: null | components["schemas"]["At"];
            /** @description True where one of them came from outside the networks of the application's vendor. */
            is_outside_allow_list: boolean;
            /** @description A search that shows the events. */
            query: string;
            /** @description How many sessions there are. */
            session_count: number;
            /** @description Session keys, at most [`MAX_SESSIONS_SHOWN`]. */
            sessions: string[];
            to: null | components["schemas"]["At"];
            /** @description How many tokens there are. */
            token_count: number;
            /** @description Ids of tokens and keys that were used outside sessions, at most [`MAX_SESSIONS_SHOWN`]. */
            tokens: string[];
            /** @description The user. */
            user: string | null;
            /** @description User agents, at most [`MAX_AGENTS_SHOWN`]. */
            user_agents: string[];
        };
        /** @description How the labelled acts of the demo fared. */
        ActsFound: {
            /** @description Acts of which at least one event was found. */
            found: number;
            /** @description The others, by name. */
            not_found: components["schemas"]["ActNotFound"][];
            /** @description Acts in the ground truth. */
            total: number;
        };
        /** @description What was watched for. */
        AllowListHead: {
            /** @description The application, by the names and ids that the list gives. */
            app: string;
            /** @description The list's name. */
            name: string;
            /** @description How many networks it has. */
            ranges: number;
        };
        /** @description A time as results write it. */
        At: string;
        /**
         * @description What makes an org a hit.
         * @enum {string}
         */
        Because: "indicator" | "outside_allow_list";
        /**
         * @description Why something cannot be seen.
         * @enum {string}
         */
        BlindReason: "field_absent" | "column_empty" | "blank_by_design" | "coded_user_agent" | "browser_name_only" | "not_an_address" | "not_a_host" | "streamed_only_types" | "not_recorded";
        /** @description Something that a table cannot show. */
        Blindness: {
            /** @description The common columns that would show them. */
            columns: string[];
            /** @description True where it keeps the verdict from being `clear`. */
            decides: boolean;
            /** @description The kinds of indicators that cannot be seen there; empty where it is about events, not fields. */
            kinds: components["schemas"]["Kind"][];
            /** @description Why. */
            reason: components["schemas"]["BlindReason"];
            /**
             * Format: int64
             * @description How many rows of the range it is about; all of them where `None`.
             */
            rows?: number | null;
            /** @description What is not recorded, as a stable word. */
            what?: string | null;
            when?: null | components["schemas"]["Text"];
        };
        /** @description A value of a column. */
        CellValue: boolean | number | string;
        /** @description One column (CONTRACT.md, `tables NAME`). */
        ColumnRow: {
            /** @description Its name. */
            column: string;
            /** @description What about it is a guess. */
            doubt: string[];
            /** @description What it means. */
            meaning: components["schemas"]["Text"];
            /** @description Its type. */
            type: string;
            /** @description The unit of its numbers. */
            unit: string | null;
        };
        /** @description What was searched, org by org. */
        Coverage: {
            /** @description The first day with events in UTC, `YYYY-MM-DD`. */
            from: string | null;
            /** @description Each org. */
            orgs: components["schemas"]["OrgCoverage"][];
            /** @description The last day with events. */
            to: string | null;
        };
        /** @description Events of one day. */
        Day: {
            /** @description The day in UTC, `YYYY-MM-DD`. */
            day: string;
            /**
             * Format: int64
             * @description How many events.
             */
            events: number;
        };
        /** @description The common columns of an event. */
        Event: {
            /** @description What was done, in the platform's word. */
            action: string | null;
            /** @description Who did it: user name, else id. */
            actor: string | null;
            /** @description Id of the actor. */
            actor_id: string | null;
            /** @description Application or connected app. */
            app: string | null;
            /** @description Id of the application. */
            app_id: string | null;
            /**
             * Format: int64
             * @description Bytes returned or sent.
             */
            bytes: number | null;
            /** @description Country as the platform logged it. */
            country: string | null;
            /**
             * Format: double
             * @description How long it took, in milliseconds.
             */
            duration_ms: number | null;
            /** @description Identity of the row, the same in the typed table. */
            event_uid: string;
            /** @description File it came from. */
            file: string;
            /** @description Addresses claimed by headers; anyone can write them. */
            forwarded_ip: string | null;
            /** @description The platform's name of the event type. */
            kind: string | null;
            /**
             * Format: int64
             * @description Line in the file, from 1.
             */
            line: number;
            /** @description Login that the session belongs to. */
            login_key: string | null;
            /** @description Message or description. */
            message: string | null;
            /** @description Object or resource type. */
            object: string | null;
            /**
             * Format: int64
             * @description OCSF activity of that class, where one fits; 0 where it varies by row.
             */
            ocsf_activity_id: number | null;
            /**
             * Format: int64
             * @description OCSF class, where one fits.
             */
            ocsf_class_uid: number | null;
            /** @description The org or instance it happened in. */
            org: string;
            /** @description Success, failure, or null where the log does not say. */
            outcome: string | null;
            /** @description Query, URI or command: the text to search first. */
            query: string | null;
            /** @description Record or resource. */
            record_id: string | null;
            /** @description The platform's id of the related event. */
            related_uid: string | null;
            /** @description Request or correlation id. */
            request_id: string | null;
            /**
             * Format: int64
             * @description Rows read or written.
             */
            rows: number | null;
            /** @description Session. */
            session_key: string | null;
            /** @description Assurance level of the session. */
            session_level: string | null;
            /** @description The kind of input it came from. */
            source: string;
            /** @description Source address as logged. */
            src_ip: string | null;
            /** @description The typed table that holds the whole row. */
            table: string;
            /** @description What it was done to, by name. */
            target: string | null;
            /** @description When it happened (UTC); RFC 3339. */
            time: string | null;
            /** @description Id of the token or key used. */
            token_id: string | null;
            /** @description User agent or client. */
            user_agent: string | null;
        };
        /** @description All that is known of one event. */
        EventDetail: {
            /** @description The common columns. */
            event: components["schemas"]["Event"];
            /** @description Columns that the catalogue does not know. */
            extra: Record<string, never> | null;
            /** @description The columns of that table. */
            fields: components["schemas"]["FieldValue"][];
            /** @description The table that holds the whole row. */
            table: components["schemas"]["TableAbout"];
        };
        /** @description A page of events. */
        EventPage: {
            /** @description The events. */
            items: components["schemas"]["Event"][];
            /** @description What leads to the next page; null on the last. */
            next_cursor: string | null;
            /**
             * Format: int64
             * @description Milliseconds that reading took.
             */
            took_ms: number;
            /** @description When the store last changed. */
            updated_at: string;
        };
        /** @description The most frequent values of a field. */
        Facet: {
            /** @description The field. */
            field: string;
            /**
             * Format: int64
             * @description The events without a value.
             */
            missing: number;
            /**
             * Format: int64
             * @description The events with another value.
             */
            other: number;
            /** @description The values, most frequent first. */
            values: components["schemas"]["FacetValue"][];
        };
        /** @description A value and how often it stands. */
        FacetValue: {
            /**
             * Format: int64
             * @description The events that have it.
             */
            count: number;
            /** @description The value. */
            value: string;
        };
        /** @description The most frequent values of some fields. */
        Facets: {
            /** @description One for each field, in the order asked for. */
            facets: components["schemas"]["Facet"][];
            /**
             * Format: int64
             * @description Milliseconds that reading took.
             */
            took_ms: number;
            /**
             * Format: int64
             * @description The events found.
             */
            total: number;
        };
        /** @description A field that a search can name. */
        FieldAbout: {
            /** @description What it holds. */
            meaning: components["schemas"]["Text"];
            /** @description Its name. */
            name: string;
        };
        /** @description The fields that a search can name. */
        FieldList: {
            /** @description The fields. */
            fields: components["schemas"]["FieldAbout"][];
        };
        /** @description A column of a row and its value. */
        FieldValue: {
            /** @description What it means. */
            meaning: components["schemas"]["Text"];
            /** @description The column. */
            name: string;
            /** @description The text of the source, where the value does not print back as it. */
            original: string | null;
            /** @description Its type. */
            type: string;
            /** @description The unit of its numbers. */
            unit: string | null;
            value: null | components["schemas"]["CellValue"];
        };
        /**
         * @description What saw something.
         * @enum {string}
         */
        FindSource: "rule" | "indicator" | "allow_list";
        /** @description Findings by level. */
        FindingCounts: {
            /**
             * Format: int64
             * @description Act at once.
             */
            critical: number;
            /**
             * Format: int64
             * @description Act today.
             */
            high: number;
            /**
             * Format: int64
             * @description Context only.
             */
            informational: number;
            /**
             * Format: int64
             * @description Usually harmless.
             */
            low: number;
            /**
             * Format: int64
             * @description Look at it.
             */
            medium: number;
        };
        /** @description One group of findings with what its rule says about itself. */
        FindingDetail: components["schemas"]["FindingGroup"] & {
            description: null | components["schemas"]["Text"];
            /** @description What else looks like it. */
            falsepositives: string[];
            /** @description Where to read on. */
            references: string[];
        };
        /** @description Events that one rule, indicator or allow-list saw of one actor. */
        FindingGroup: {
            act: null | components["schemas"]["ActRef"];
            /** @description Who did it. */
            actor: string | null;
            /** @description The rule's author, which the Detection Rule License wants shown wherever matches are; else the list. */
            author: string | null;
            /**
             * Format: int64
             * @description How many events.
             */
            events: number;
            /** @description The first events, at most five. */
            examples: string[];
            /** @description The first. */
            from: string | null;
            /** @description Stable: the same events give the same id. */
            id: string;
            /** @description How much it matters. */
            level: string;
            /** @description The org. */
            org: string;
            /** @description A search that shows the events: exactly them where they are few. */
            query: string;
            /** @description The rule's title, the indicator with its kind, or the application. */
            rule: string;
            /** @description The rule's id, the indicator, or the allow-list's name. */
            rule_id: string;
            /** @description How many sessions. */
            session_count: number;
            /** @description In which sessions, at most five. */
            sessions: string[];
            /** @description What saw them. */
            source: components["schemas"]["FindSource"];
            /** @description From where, at most five. */
            src_ips: string[];
            /** @description The tables that hold the events. */
            tables: string[];
            /** @description The rule's tags. */
            tags: string[];
            /** @description The same for people. */
            title: components["schemas"]["Text"];
            /** @description The last. */
            to: string | null;
        };
        /** @description A lost stretch of a table. */
        Gap: {
            /**
             * Format: double
             * @description Events that it usually has, where there is history.
             */
            expected_events?: number | null;
            /** @description Its start. */
            from: components["schemas"]["At"];
            /**
             * Format: double
             * @description Probability that none of them happened, where there is history.
             */
            probability?: number | null;
            /** @description The evidence. */
            reason: components["schemas"]["GapReason"];
            /** @description Its end, outside. */
            to: components["schemas"]["At"];
        };
        /**
         * @description Why a stretch counts as lost.
         * @enum {string}
         */
        GapReason: "missing_file" | "silence" | "no_data" | "known_loss";
        /** @description The server can answer. */
        Health: {
            /**
             * @description Always `ok`; anything else is a problem.
             * @example ok
             */
            status: string;
            /** @description The version of the program. */
            version: string;
        };
        /** @description How many events there are over time. */
        Histogram: {
            /**
             * Format: int64
             * @description The width of a bucket.
             */
            bucket_ms: number;
            /** @description The events in each bucket, one after the other. */
            buckets: number[];
            /** @description Where the first bucket begins; null where there is no time to count by. */
            from: string | null;
            /** @description Where the last bucket ends. */
            to: string | null;
            /**
             * Format: int64
             * @description Milliseconds that reading took.
             */
            took_ms: number;
            /**
             * Format: int64
             * @description The events in all buckets.
             */
            total: number;
            /**
             * Format: int64
             * @description The events found beside them that have no time.
             */
            undated: number;
        };
        /**
         * @description What an indicator is about.
         * @enum {string}
         */
        Kind: "ip" | "cidr" | "user_agent" | "user_agent_all_of" | "app" | "domain" | "user";
        /** @description Which lists are hunted. */
        ListHead: {
            /** @description When it was true, as its source writes it. */
            as_of?: string | null;
            /** @description How many indicators it has. */
            indicators: number;
            /** @description The list's name. */
            name: string;
            /** @description How many entries the source takes back or gives as context. */
            skipped: number;
            /** @description Who says so. */
            source?: string | null;
            /** @description How many entries no log can show; with any, no verdict can be `clear`. */
            unusable: number;
            /** @description Its version. */
            version: string | null;
        };
        /** @description A step to take. */
        NextStep: {
            /** @description What kind of step it is, as a stable word. */
            code: components["schemas"]["StepCode"];
            /** @description What to do, for people. */
            text: components["schemas"]["Text"];
        };
        /** @description What was searched of one org. */
        OrgCoverage: {
            /** @description The org. */
            org: string;
            /** @description Each table. */
            tables: components["schemas"]["TableDays"][];
            /** @description Its verdict. */
            verdict: components["schemas"]["Verdict"];
        };
        /** @description What a hunt means for one org. */
        OrgSheet: {
            /** @description How many there are. */
            actor_count: number;
            /** @description Who got in: what the found events and those of the same sessions and tokens name; most events first. */
            actors: components["schemas"]["Actor"][];
            /** @description Why it is a hit; empty unless it is one. */
            because: components["schemas"]["Because"][];
            /**
             * Format: int64
             * @description Events that were searched.
             */
            events: number;
            /** @description Findings of every detector by level. */
            findings: components["schemas"]["FindingCounts"];
            from: null | components["schemas"]["At"];
            /**
             * Format: int64
             * @description Events that match an indicator, weak ones apart.
             */
            hits: number;
            /** @description What to do next, most urgent first. */
            next: components["schemas"]["NextStep"][];
            /** @description How many there are. */
            object_count: number;
            /** @description What they touched: taken first, then by rows returned. */
            objects: components["schemas"]["Touched"][];
            /** @description The org. */
            org: string;
            /**
             * Format: int64
             * @description Events of a named application from outside its vendor's networks.
             */
            outside_allow_list: number;
            to: null | components["schemas"]["At"];
            /** @description What could not be seen, most important first. */
            unseen: components["schemas"]["Unseen"][];
            /** @description How much there is. */
            unseen_count: number;
            /** @description Its verdict. */
            verdict: components["schemas"]["Verdict"];
            /** @description Weak matches, which never decide. */
            weak: components["schemas"]["WeakMatch"][];
            /**
             * Format: int64
             * @description Events that match only weakly.
             */
            weak_hits: number;
        };
        /** @description What there is of one org. */
        OrgSpan: {
            /**
             * Format: int64
             * @description How many events.
             */
            events: number;
            /** @description The first, RFC 3339. */
            from: string | null;
            /** @description The org. */
            org: string;
            /** @description The last, RFC 3339. */
            to: string | null;
        };
        /** @description A page of a collection. */
        Page_FindingGroup: {
            /** @description The items. */
            items: {
                act: null | components["schemas"]["ActRef"];
                /** @description Who did it. */
                actor: string | null;
                /** @description The rule's author, which the Detection Rule License wants shown wherever matches are; else the list. */
                author: string | null;
                /**
                 * Format: int64
                 * @description How many events.
                 */
                events: number;
                /** @description The first events, at most five. */
                examples: string[];
                /** @description The first. */
                from: string | null;
                /** @description Stable: the same events give the same id. */
                id: string;
                /** @description How much it matters. */
                level: string;
                /** @description The org. */
                org: string;
                /** @description A search that shows the events: exactly them where they are few. */
                query: string;
                /** @description The rule's title, the indicator with its kind, or the application. */
                rule: string;
                /** @description The rule's id, the indicator, or the allow-list's name. */
                rule_id: string;
                /** @description How many sessions. */
                session_count: number;
                /** @description In which sessions, at most five. */
                sessions: string[];
                /** @description What saw them. */
                source: components["schemas"]["FindSource"];
                /** @description From where, at most five. */
                src_ips: string[];
                /** @description The tables that hold the events. */
                tables: string[];
                /** @description The rule's tags. */
                tags: string[];
                /** @description The same for people. */
                title: components["schemas"]["Text"];
                /** @description The last. */
                to: string | null;
            }[];
            /** @description Where the next page begins; `None` on the last. */
            next_cursor: string | null;
            /** @description When the collection was worked out, RFC 3339. */
            updated_at: string;
        };
        /** @description A page of a collection. */
        Page_SessionRow: {
            /** @description The items. */
            items: {
                /**
                 * Format: int64
                 * @description How many addresses it has.
                 */
                addresses: number;
                /** @description An application of it. */
                app: string | null;
                /**
                 * Format: int64
                 * @description How many events.
                 */
                events: number;
                /**
                 * Format: int64
                 * @description How many groups of findings it is in.
                 */
                findings: number;
                /** @description The first, RFC 3339. */
                from: string | null;
                /** @description The key of its login. */
                login_key: string | null;
                /** @description The org. */
                org: string;
                /** @description Its key. */
                session_key: string;
                /** @description An address of it. */
                src_ip: string | null;
                /** @description The last, RFC 3339. */
                to: string | null;
                /** @description A user of it. */
                user: string | null;
            }[];
            /** @description Where the next page begins; `None` on the last. */
            next_cursor: string | null;
            /** @description When the collection was worked out, RFC 3339. */
            updated_at: string;
        };
        /** @description A page of a collection. */
        Page_TableRow: {
            /** @description The items. */
            items: {
                /** @description What one row is. */
                about: components["schemas"]["Text"];
                /** @description When the oldest stored event ages out, RFC 3339: here, where `keeps_days` is set, else at the platform. */
                ages_out: string | null;
                /**
                 * @description Where it ages out then: `store` or `platform`.
                 * @example platform
                 */
                ages_out_at: string | null;
                /**
                 * Format: int64
                 * @description Rows stored.
                 */
                events: number;
                /** @description The first event, RFC 3339. */
                from: string | null;
                /**
                 * Format: int32
                 * @description Days this store keeps it; `null` for ever.
                 */
                keeps_days: number | null;
                /**
                 * @description `table`, or `view` for the common table.
                 * @example table
                 */
                kind: string;
                /**
                 * Format: int32
                 * @description Days the platform keeps it: as set for this store, else by default.
                 */
                retention_days: number | null;
                /** @description `<schema>.<table>`. */
                table: string;
                /** @description The last event, RFC 3339. */
                to: string | null;
            }[];
            /** @description Where the next page begins; `None` on the last. */
            next_cursor: string | null;
            /** @description When the collection was worked out, RFC 3339. */
            updated_at: string;
        };
        /** @description Why a request was not answered. */
        Problem: {
            /** @description Where in `q`, for `bad_query` alone. */
            at?: components["schemas"]["Span"];
            /** @description What kind of problem it is, for programs. */
            code: components["schemas"]["ProblemCode"];
            /** @description What happened. */
            detail: components["schemas"]["Text"];
            hint: null | components["schemas"]["Text"];
            /**
             * Format: int32
             * @description The status of the answer.
             */
            status: number;
            /** @description What kind of problem it is, for people. */
            title: components["schemas"]["Text"];
            /**
             * @description Always `about:blank`: the code says what kind of problem it is.
             * @example about:blank
             */
            type: string;
        };
        /**
         * @description The name of a problem, for programs.
         * @enum {string}
         */
        ProblemCode: "not_found" | "bad_request" | "bad_query" | "forbidden" | "no_store" | "too_slow" | "busy" | "internal";
        /** @description A session. */
        Session: {
            /**
             * Format: int64
             * @description How many events it has.
             */
            events: number;
            /** @description What is odd about it. */
            flags: components["schemas"]["SessionFlag"][];
            /** @description Its first event. */
            from: string | null;
            /** @description True where addresses, user agents or users are missing because there are too many. */
            is_capped: boolean;
            /** @description How it came to be. */
            kind: components["schemas"]["SessionKind"];
            /** @description The evidence for the kind. */
            reasons: components["schemas"]["SessionReason"][];
            /** @description Its key. */
            session_key: string;
            /** @description Its addresses. */
            src_ips: string[];
            /** @description Events by table. */
            tables: {
                [key: string]: number;
            };
            /** @description Its last event. */
            to: string | null;
            /** @description Whose it is. */
            user: string | null;
            /** @description Its user agents. */
            user_agents: string[];
        };
        /**
         * @description Something odd about a session, whatever its kind.
         * @enum {string}
         */
        SessionFlag: "other_user" | "other_device" | "other_address" | "several_users" | "several_devices";
        /**
         * @description How a session came to be.
         * @enum {string}
         */
        SessionKind: "login" | "login_as" | "frontdoor" | "unknown";
        /** @description The row of the login itself. */
        SessionLogin: {
            /** @description The kind of login, in the platform's word. */
            action: string | null;
            /** @description Through which application. */
            app: string | null;
            /** @description The country as the platform logged it. */
            country: string | null;
            /** @description The row. */
            event_uid: string | null;
            /** @description `success` or `failure`, where the log says. */
            outcome: string | null;
            /** @description The session that the row names; as a rule it names none. */
            session_key: string | null;
            /** @description The assurance level of the session. */
            session_level: string | null;
            /** @description From where. */
            src_ip: string | null;
            /** @description The table that holds it. */
            table: string;
            /** @description When. */
            time: string | null;
            /** @description Who. */
            user: string | null;
            /** @description With what. */
            user_agent: string | null;
            /** @description The id of who. */
            user_id: string | null;
        };
        /**
         * @description The evidence for a kind.
         * @enum {string}
         */
        SessionReason: "named_by_login_row" | "first_after_login" | "login_as_event" | "other_user" | "frontdoor_seen" | "other_device" | "other_address" | "no_login_row" | "nothing_tells";
        /** @description A session in a list. */
        SessionRow: {
            /**
             * Format: int64
             * @description How many addresses it has.
             */
            addresses: number;
            /** @description An application of it. */
            app: string | null;
            /**
             * Format: int64
             * @description How many events.
             */
            events: number;
            /**
             * Format: int64
             * @description How many groups of findings it is in.
             */
            findings: number;
            /** @description The first, RFC 3339. */
            from: string | null;
            /** @description The key of its login. */
            login_key: string | null;
            /** @description The org. */
            org: string;
            /** @description Its key. */
            session_key: string;
            /** @description An address of it. */
            src_ip: string | null;
            /** @description The last, RFC 3339. */
            to: string | null;
            /** @description A user of it. */
            user: string | null;
        };
        /** @description A login with its sessions. */
        SessionTree: {
            /**
             * Format: int64
             * @description Rows of the login that name no session.
             */
            events_without_session: number;
            /** @description True where a limit was reached: sessions or their values are missing. */
            is_capped: boolean;
            login: null | components["schemas"]["SessionLogin"];
            /** @description The login's key; `None` where the asked session names no login. */
            login_key: string | null;
            /** @description The orgs that have the key; more than one means that keys were copied or invented. */
            orgs: string[];
            /** @description The sessions, by their start. */
            sessions: components["schemas"]["Session"][];
            /** @description Who logged in. */
            user: string | null;
        };
        /** @description A log that would settle a question. */
        Settle: {
            /** @description The log, by the platform's name. */
            log: string;
            /** @description How to get it, for people. */
            text: components["schemas"]["Text"];
        };
        /** @description What a hunt means, for all orgs and for each. */
        Sheet: {
            /** @description The allow-lists that were watched. */
            allow_lists: components["schemas"]["AllowListHead"][];
            from: null | components["schemas"]["At"];
            /** @description The indicator lists that were hunted. */
            lists: components["schemas"]["SheetList"][];
            /** @description When the sheet was made. */
            made_at: components["schemas"]["At"];
            /** @description The orgs: hit, then inconclusive, then clear; hits by what was found, most first, the others by name. */
            orgs: components["schemas"]["OrgSheet"][];
            /** @description How many rules looked at the events. */
            rules: number;
            to: null | components["schemas"]["At"];
            /** @description The verdict over all orgs. */
            verdict: components["schemas"]["Verdict"];
        };
        /** @description An indicator list that was hunted. */
        SheetList: {
            /** @description When it was true, as its source writes it. */
            as_of: string | null;
            /** @description How many indicators it has. */
            indicators: number;
            /** @description Its name. */
            name: string;
            /** @description Who says so. */
            source: string | null;
            /** @description Its version. */
            version: string | null;
        };
        /** @description The part of a search that is not understood, in bytes of `q`. */
        Span: {
            /** @description The byte after the last. */
            end: number;
            /** @description The first byte. */
            start: number;
        };
        /** @description The state of the store and of what is watched for. */
        Status: {
            acts: null | components["schemas"]["ActsFound"];
            /** @description Allow-lists. */
            allow_lists: components["schemas"]["AllowListHead"][];
            /**
             * Format: int64
             * @description Events loaded.
             */
            events: number;
            /** @description The first event, RFC 3339. */
            from: string | null;
            /** @description Changes when the store does. */
            generation: string;
            /** @description True where the store holds the demo incident. */
            is_demo: boolean;
            /** @description Indicator lists. */
            lists: components["schemas"]["ListHead"][];
            /** @description Events by org. */
            orgs: components["schemas"]["OrgSpan"][];
            /** @description How many rules run. */
            rules: number;
            /** @description The last event, RFC 3339. */
            to: string | null;
            /** @description When this was worked out, RFC 3339. */
            updated_at: string;
            /** @description The program's version. */
            version: string;
        };
        /**
         * @description What kind of step to take.
         * @enum {string}
         */
        StepCode: "keep_logs" | "revoke_token" | "reset_session" | "rotate_secret" | "get_missing_log" | "confirm_with_vendor" | "review_weak" | "review_findings" | "hunt_again";
        /** @description A stretch near the end of the data whose files may still come. */
        Stretch: {
            /** @description Its start. */
            from: components["schemas"]["At"];
            /** @description Its end, outside. */
            to: components["schemas"]["At"];
        };
        /** @description What surrounds an event. */
        Surrounding: {
            /** @description The events just after it, oldest first. */
            after: components["schemas"]["Event"][];
            /** @description The events just before it, oldest first. */
            before: components["schemas"]["Event"][];
            /** @description What the others share with it. */
            by: components["schemas"]["SurroundingBy"];
            /** @description The event. */
            event: components["schemas"]["Event"];
        };
        /**
         * @description What the surrounding events share with an event.
         * @enum {string}
         */
        SurroundingBy: "session" | "actor" | "address" | "org";
        /** @description A table. */
        TableAbout: {
            /** @description What one row is. */
            about: components["schemas"]["Text"];
            /** @description `<schema>.<table>`. */
            name: string;
        };
        /** @description A table with its columns. */
        TableColumns: {
            /** @description What one row is. */
            about: components["schemas"]["Text"];
            /** @description Its columns, in order. */
            columns: components["schemas"]["ColumnRow"][];
            /** @description `<schema>.<table>`. */
            table: string;
        };
        /** @description What was searched of one table of one org. */
        TableCoverage: {
            /** @description What the table cannot show. */
            blind: components["schemas"]["Blindness"][];
            /**
             * Format: int64
             * @description Events searched.
             */
            events: number;
            from: null | components["schemas"]["At"];
            /** @description How many gaps there are; `gaps` holds at most [`MAX_GAPS_SHOWN`]. */
            gap_count: number;
            /** @description Losses with evidence. */
            gaps: components["schemas"]["Gap"][];
            /** @description True where a limit was reached and the account is not complete. */
            is_capped: boolean;
            late?: null | components["schemas"]["Stretch"];
            /** @description The org. */
            org: string;
            /**
             * Format: int64
             * @description Hours without events and without evidence of a loss.
             */
            quiet_hours: number;
            /** @description The table. */
            table: string;
            to: null | components["schemas"]["At"];
            /**
             * Format: int64
             * @description Events without a time: they were searched too, whatever the range.
             */
            undated: number;
        };
        /** @description What was searched of one table. */
        TableDays: components["schemas"]["TableCoverage"] & {
            /** @description Days with events. */
            days: components["schemas"]["Day"][];
        };
        /** @description One table (CONTRACT.md, `tables`). */
        TableRow: {
            /** @description What one row is. */
            about: components["schemas"]["Text"];
            /** @description When the oldest stored event ages out, RFC 3339: here, where `keeps_days` is set, else at the platform. */
            ages_out: string | null;
            /**
             * @description Where it ages out then: `store` or `platform`.
             * @example platform
             */
            ages_out_at: string | null;
            /**
             * Format: int64
             * @description Rows stored.
             */
            events: number;
            /** @description The first event, RFC 3339. */
            from: string | null;
            /**
             * Format: int32
             * @description Days this store keeps it; `null` for ever.
             */
            keeps_days: number | null;
            /**
             * @description `table`, or `view` for the common table.
             * @example table
             */
            kind: string;
            /**
             * Format: int32
             * @description Days the platform keeps it: as set for this store, else by default.
             */
            retention_days: number | null;
            /** @description `<schema>.<table>`. */
            table: string;
            /** @description The last event, RFC 3339. */
            to: string | null;
        };
        /**
         * @description A way in which content leaves, where the log proves that it left.
         * @enum {string}
         */
        TakenBy: "bulk_result_download" | "report_export" | "file_download" | "git_clone" | "object_download" | "variable_read";
        /** @description One sentence in both languages; a missing Japanese text falls back to the English one, also where it is written out. */
        Text: {
            /** @description English. */
            en: string;
            /** @description Japanese; the English where none has been written. */
            ja: string;
        };
        /** @description Something that was touched: a Salesforce object, a repository, a bucket, a secret. */
        Touched: {
            /**
             * Format: int64
             * @description Events that touched it; a call that several logs record counts once.
             */
            accessed: number;
            /** @description Its name. */
            object: string;
            /** @description A search that shows the events, in every log that records them. */
            query: string;
            /**
             * Format: int64
             * @description Rows that a log says were returned to reads; logs of the same calls are never added up.
             */
            returned_rows: number | null;
            /** @description The log that says so. */
            returned_table: string | null;
            /** @description How they left. */
            taken_by: components["schemas"]["TakenBy"][];
            /**
             * Format: int64
             * @description Bytes that left, where the log counts them.
             */
            taken_bytes: number | null;
            /**
             * Format: int64
             * @description Events that prove that content left.
             */
            taken_events: number;
            /**
             * Format: int64
             * @description Rows that left, where the log counts them.
             */
            taken_rows: number | null;
        };
        /** @description Something that could not be seen. */
        Unseen: {
            /**
             * Format: int64
             * @description Events that were to be expected, where there is history.
             */
            expected_events: number | null;
            from: null | components["schemas"]["At"];
            /** @description Why. */
            kind: components["schemas"]["UnseenKind"];
            settle: null | components["schemas"]["Settle"];
            /** @description The table that it is about. */
            table: string | null;
            /** @description What it means, for people. */
            text: components["schemas"]["Text"];
            to: null | components["schemas"]["At"];
        };
        /**
         * @description Why something could not be seen.
         * @enum {string}
         */
        UnseenKind: "gap" | "blind" | "no_data" | "not_shown" | "unusable" | "capped";
        /**
         * @description The answer of a hunt.
         * @enum {string}
         */
        Verdict: "clear" | "inconclusive" | "hit";
        /** @description An indicator that matches only where anybody can write. */
        WeakMatch: {
            /** @description The columns that it was found in. */
            columns: string[];
            /**
             * Format: int64
             * @description Events that match.
             */
            events: number;
            /** @description The indicator. */
            indicator: string;
            /** @description Its kind. */
            kind: components["schemas"]["Kind"];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
