// Generated from openapi.yaml by `npm run types`.
export interface paths {
    "/qr-code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Returns the current code. Requires a display of this shop, or barista.
         * @description `url` and `svg` need the address of the pages: the stack's parameter `OrderPageUrl`, or else
         *     `page`. Without such an address the answer has neither field.
         */
        get: operations["showCode"];
        put?: never;
        /**
         * Requests an order with a scanned code.
         * @description A repeated scan by the same customer in the same five minutes returns the same order. If that
         *     order was cancelled, refused or timed out, the scan requests another one, at most three with
         *     one code. The order exists once it is admitted, normally well under a second later; until
         *     then reading it answers 404.
         */
        post: operations["scan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Returns a shop's settings; the defaults if it was never opened or edited. Public.
         * @description An edit may take some seconds to appear. Caches may keep the answer for five seconds.
         */
        get: operations["readConfig"];
        /** Edits the settings that the body names. Requires admin. */
        put: operations["editConfig"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/logo": {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Returns a shop's logo. Public.
         * @description The answer is always an SVG image; a PNG file is embedded in one. Its policy forbids scripts
         *     and all requests. Caches may keep the answer for a minute. `logo` of `GET /config` says
         *     whether there is one.
         */
        get: operations["readLogo"];
        /** Replaces a shop's logo. Requires admin. */
        put: operations["setLogo"];
        post?: never;
        /** Removes a shop's logo, if it has one. Requires admin. */
        delete: operations["removeLogo"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/store": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Opens or closes a shop. Open orders are not affected. Requires barista. */
        put: operations["openOrCloseStore"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/menu/{drink}/availability": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name of the drink, percent-encoded. */
                drink: components["schemas"]["Name"];
            };
            cookie?: never;
        };
        get?: never;
        /**
         * Marks a drink as available or sold out. Requires barista.
         * @description A shop that was never opened or edited has the default menu. This changes its copy of that menu, and the shop stays closed.
         */
        put: operations["setAvailability"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/displays/pair": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Starts the pairing of a screen. Public, at a low rate.
         * @description The screen keeps `secret` and shows `pairingCode`. Once an admin has entered the code with
         *     `POST /displays`, the secret is valid for 30 days. Until then it grants nothing.
         */
        post: operations["pairDisplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/displays": {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists a shop's displays, oldest first. Requires admin.
         * @description A shop has at most 100 active displays; requests at the same time can lead to a few more. Expired
         *     ones disappear within days.
         */
        get: operations["listDisplays"];
        put?: never;
        /**
         * Activates the screen that shows a pairing code, or creates a display. Requires admin.
         * @description With `pairingCode` it activates the screen that shows this code, for 30 days. A code works once.
         *     Without `pairingCode` it creates a display, whose secret is in this answer only.
         */
        post: operations["createDisplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/displays/{displayId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes a display at once. Requires admin. Can be repeated. */
        delete: operations["revokeDisplay"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/board": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Returns the numbers that are being made and that are ready. Requires a display of this shop, or barista. */
        get: operations["readBoard"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists a shop's orders of one status by the time of their admission. Requires barista. */
        get: operations["listOrders"];
        put?: never;
        /**
         * Orders for a person without a phone, without a code and within the capacity. Requires barista.
         * @description A repeated request with the same key continues and has the same answer. This includes the
         *     refusal of an order that was requested: then use a new key. If the shop is known to be closed
         *     or full, nothing is requested, `detail` says so, and the same key may be sent again. Nothing
         *     else limits these orders: each key is a customer of its own.
         */
        post: operations["orderAtCounter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the order. */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        /** Returns an order to its customer and to baristas. Other callers get 404. */
        get: operations["readOrder"];
        /**
         * Runs a command - chooses the drink, cancels, claims, releases the claim, completes or calls.
         * @description | action | allowed for | body | answer |
         *     |---|---|---|---|
         *     | none | its customer | `DrinkRequest` | 202: the drink is chosen |
         *     | `cancel` | its customer, a barista; in the queue a barista must hold the claim, and claims an unclaimed order first; an admin cancels any | `CancelRequest`, or none | 202 |
         *     | `make` | a barista; takes over the claim that `from` names | none | 200: the claim |
         *     | `unmake` | the barista who holds the claim, an admin | none | 200: the claim |
         *     | `complete` | the barista who holds the claim; claims the order if it is unclaimed | none | 202 |
         *     | `call` | a barista, for ten minutes after the completion | none | 200: the call |
         *
         *     202 means that this command decided; the order shows it shortly after. A command that the same
         *     caller repeats has no further effect and is accepted again; `status` is then the current one.
         *     `not_ready` means that the command may become possible: retry after `Retry-After`. For a
         *     barista's command on an order that is not in the queue, `detail` says so: it becomes possible
         *     once the customer has chosen. A call within two seconds of the last one repeats that call; a
         *     later one moves `calledAt` forward.
         */
        put: operations["commandOrder"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/myOrders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the caller's orders in a shop, newest first. */
        get: operations["listMyOrders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Returns the address of a socket that receives the messages of one topic of a shop.
         * @description | topic | required | receives |
         *     |---|---|---|
         *     | `customer` | a person with an open order in the shop | changes of the caller's own orders |
         *     | `queue` | a barista | changes of the shop's orders in the queue, and of its settings |
         *     | `board` | a display of this shop | changes of the board, the code and the settings, without persons |
         *     | `bus` | an admin | each event of the shop on the bus |
         *
         *     The address contains a ticket, which is valid until `expiresAt`. The socket receives nothing after
         *     `until`: open another one before. A stack with `Realtime=none` has no such route and answers 404
         *     `route_not_found`; then read again from time to time instead.
         */
        post: operations["requestTicket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/architecture": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Returns the rules of the bus with their targets, and the workflow, as deployed. Requires admin.
         * @description The answer may be a minute old.
         */
        get: operations["readArchitecture"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/": {
        parameters: {
            query?: {
                /** @description Any parameters, which the page reads, such as `e`, the id of its shop. */
                forThePage?: components["parameters"]["ofPage"];
            };
            header?: {
                /** @description The `ETag` of the page that the caller has. */
                "If-None-Match"?: components["parameters"]["ifNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        /** Returns the page that links the others. Public. */
        get: operations["showIndex"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/order": {
        parameters: {
            query?: {
                /** @description Any parameters, which the page reads, such as `e`, the id of its shop. */
                forThePage?: components["parameters"]["ofPage"];
            };
            header?: {
                /** @description The `ETag` of the page that the caller has. */
                "If-None-Match"?: components["parameters"]["ifNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        /** Returns the page for customers. Public. */
        get: operations["showOrderPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/barista": {
        parameters: {
            query?: {
                /** @description `more`: what baristas need less often. `admin`: what admins need. Otherwise the queue. Each view is a document of its own. */
                view?: string;
                /** @description Any parameters, which the page reads, such as `e`, the id of its shop. */
                forThePage?: components["parameters"]["ofPage"];
            };
            header?: {
                /** @description The `ETag` of the page that the caller has. */
                "If-None-Match"?: components["parameters"]["ifNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        /**
         * Returns the page for baristas and admins. Public.
         * @description The queue. `view=more` in the query selects what baristas need less often, `view=admin` what
         *     admins need; each view is a document of its own.
         */
        get: operations["showBaristaPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/display": {
        parameters: {
            query?: {
                /** @description Any parameters, which the page reads, such as `e`, the id of its shop. */
                forThePage?: components["parameters"]["ofPage"];
            };
            header?: {
                /** @description The `ETag` of the page that the caller has. */
                "If-None-Match"?: components["parameters"]["ifNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        /** Returns the page for a screen that all customers see. Public. */
        get: operations["showDisplayPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/bus": {
        parameters: {
            query?: {
                /** @description Any parameters, which the page reads, such as `e`, the id of its shop. */
                forThePage?: components["parameters"]["ofPage"];
            };
            header?: {
                /** @description The `ETag` of the page that the caller has. */
                "If-None-Match"?: components["parameters"]["ifNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        /** Returns the page that shows the events of a shop on their way through the stack. Public; its data require admin. */
        get: operations["showBusPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Returns where staff, and customers with an account, sign in. Public.
         * @description Caches may keep the answer for a minute.
         */
        get: operations["readSignIn"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Format: name
         * @description Text of one line with a visible character, see the rule for texts.
         * @example Flat White
         */
        Name: string;
        /** @example RUSTCONF */
        EventId: string;
        /** @example mzxw6ytboi4tqmzrgi3dknbvgq */
        OrderId: string;
        /** @description A person: derived from a guest's secret or from the `sub` of a bearer token. */
        UserId: string;
        /**
         * Format: date-time
         * @description Time in UTC with milliseconds.
         * @example 2026-11-23T09:30:41.250Z
         */
        Time: string;
        /** @enum {string} */
        OrderStatus: "ADMITTED" | "CREATED" | "WAITING" | "COMPLETED" | "CANCELLED";
        QrCode: {
            code: string;
            /** @description The same code for people who type it. */
            shortCode: string;
            /**
             * Format: uri
             * @description Page for the phone to open, with shop and code in its fragment.
             */
            url?: string;
            /** @description QR code of `url` as an SVG image, black on white, with its quiet zone. */
            svg?: string;
            expiresAt: components["schemas"]["Time"];
            /** @description Number of customers who can still order with the code. */
            availableTokens: number;
        };
        /** @example mzxw6ytboi4tqmzr */
        DisplayId: string;
        /** @description Bearer credential of the display. No other answer contains it. */
        DisplaySecret: string;
        Pairing: {
            displayId: components["schemas"]["DisplayId"];
            secret: components["schemas"]["DisplaySecret"];
            /** @description Code for an admin to enter: Crockford's base32, without I, L, O and U. */
            pairingCode: string;
            /** @description End of the code's validity. */
            expiresAt: components["schemas"]["Time"];
        };
        DisplayRequest: {
            /** @description Code that the screen shows, in any case, also with spaces and hyphens. */
            pairingCode?: string;
            /**
             * @description Name for admins.
             * @default Display
             */
            name?: components["schemas"]["Name"];
        };
        Display: {
            displayId: components["schemas"]["DisplayId"];
            name: string;
            createdAt: components["schemas"]["Time"];
            /** @description End of the secret's validity. */
            expiresAt: components["schemas"]["Time"];
            /** @enum {string} */
            state: "active" | "expired";
        };
        NewDisplay: {
            displayId: components["schemas"]["DisplayId"];
            secret: components["schemas"]["DisplaySecret"];
            /** @description End of the secret's validity. */
            expiresAt: components["schemas"]["Time"];
        };
        DisplayList: {
            displays: components["schemas"]["Display"][];
        };
        BoardEntry: {
            /** @description Number that the barista calls out. */
            number: number;
            /** @description Name of the drink. */
            drink: string;
            /** @description Time at which the order joined this list. */
            since: components["schemas"]["Time"];
            /** @description Time at which a barista last called the ready order. */
            calledAt?: components["schemas"]["Time"];
        };
        Board: {
            eventId: components["schemas"]["EventId"];
            storeOpen: boolean;
            /** @description True if the shop has no capacity left. */
            storeFull: boolean;
            /** @description Estimated time until the completion of a drink that is ordered now: the measured time per drink, for each order in the queue and this one. Absent if fewer than five drinks were made recently, or if 100 or more orders wait. */
            waitingSeconds?: number;
            /** @description First orders of the queue by number, claimed or not. */
            making: components["schemas"]["BoardEntry"][];
            /** @description Orders that were completed in the last 10 minutes, latest first. */
            ready: components["schemas"]["BoardEntry"][];
        };
        Scanned: {
            orderId: components["schemas"]["OrderId"];
            /** @description Name of the shop for people. */
            name: components["schemas"]["Name"];
            colours: components["schemas"]["Colours"];
            /** @description Hash of the logo, which changes with it; absent if the shop has none. */
            logo?: string;
            menu: components["schemas"]["Menu"];
            links: components["schemas"]["Links"];
            /** @description Socket that receives changes of the caller's orders in this shop; absent where the stack has no realtime. */
            live?: components["schemas"]["Live"];
        };
        Live: {
            /**
             * Format: uri
             * @description Address of the socket, with the ticket in its query. A secret until `expiresAt`.
             * @example wss://abcdefghij.execute-api.us-east-1.amazonaws.com/v1?ticket=eyJ2IjoxfQ.x
             */
            url: string;
            /** @description Time until which the address opens a socket. */
            expiresAt: components["schemas"]["Time"];
            /** @description Time until which that socket receives messages. */
            until: components["schemas"]["Time"];
        };
        Architecture: {
            /** @description Name of the event bus. */
            bus: string;
            /** @description Programs that publish on the bus, with the detail-types of each, as shipped. Events of other detail-types have producers of their own. */
            producers: {
                /** @example validator */
                name: string;
                detailTypes: string[];
            }[];
            /** @description Rules of the bus by name, and those of the account's default bus that belong to the stack. */
            rules: components["schemas"]["Rule"][];
            /** @description The workflow of an order; absent if it is not deployed. */
            workflow?: {
                /** @example OrderProcessor */
                name: string;
                /** @description Definition in Amazon States Language. */
                definition: Record<string, never>;
            };
        };
        Rule: {
            /**
             * @description Name without the stack's name and the suffix that CloudFormation adds.
             * @example ProjectionRule
             */
            name: string;
            description?: string;
            enabled: boolean;
            /** @description Name of the bus that the rule belongs to. */
            bus?: string;
            /** @description Pattern of the events that match; absent for a schedule. */
            eventPattern?: Record<string, never>;
            /** @example rate(1 minute) */
            schedule?: string;
            targets: {
                /** @example OrderProjector */
                name: string;
                /** @enum {string} */
                kind: "function" | "workflow" | "queue" | "other";
            }[];
        };
        Accepted: {
            orderId: components["schemas"]["OrderId"];
            status: components["schemas"]["OrderStatus"];
            /** @description After the choice of a drink: number of orders in the queue before this one, as of now. Absent if the queue could not be read. */
            position?: number;
        };
        Claim: {
            orderId: components["schemas"]["OrderId"];
            /** @description Barista who holds the claim; absent after a release. */
            baristaUserId?: components["schemas"]["UserId"];
            /** @description Time at which that barista claimed the order. */
            claimedAt?: components["schemas"]["Time"];
            claimVersion: number;
        };
        Call: {
            orderId: components["schemas"]["OrderId"];
            calledAt: components["schemas"]["Time"];
        };
        DrinkRequest: {
            /** @description Name of the drink on the menu. */
            drink: components["schemas"]["Name"];
            /**
             * @description Options by name, at most one of each of the drink's modifiers.
             * @default []
             */
            modifiers?: components["schemas"]["Name"][];
        };
        CancelRequest: {
            /**
             * Format: line
             * @description Text of one line, see the rule for texts.
             * @default
             */
            reason?: string;
        };
        DrinkOrder: {
            drink: string;
            modifiers: string[];
            icon: string;
        };
        Order: {
            orderId: components["schemas"]["OrderId"];
            eventId: components["schemas"]["EventId"];
            userId: components["schemas"]["UserId"];
            status: components["schemas"]["OrderStatus"];
            /** @description Number that the barista calls out, once a drink is chosen. */
            orderNumber?: number;
            drinkOrder?: components["schemas"]["DrinkOrder"];
            /** @description Barista who holds the claim. */
            baristaUserId?: components["schemas"]["UserId"];
            /** @description Time at which that barista claimed the order, for baristas alone. */
            claimedAt?: components["schemas"]["Time"];
            /** @description Number of changes of the claim. */
            claimVersion: number;
            createdAt: components["schemas"]["Time"];
            /** @description Time of the last change of the status. */
            updatedAt: components["schemas"]["Time"];
            /** @description Deadline of the current wait, while the order is open. */
            expiresAt?: components["schemas"]["Time"];
            /** @description Reason of the final status. */
            reason?: string;
            /** @enum {string} */
            closedBy?: "customer" | "barista" | "system";
            /** @description Time of the last call of the completed order. */
            calledAt?: components["schemas"]["Time"];
            /** @description Number of the shop's orders in the queue with a smaller number. In `GET /orders/{id}` alone, of an order in the queue; absent if the queue is too long to be counted, some 2,500 orders. */
            position?: number;
            /** @description Estimated time until the completion: the time per drink that was measured when the order joined the queue, for each order before it and its own. It does not rise while `position` falls. Absent without `position`, or if fewer than five drinks were made recently. */
            waitingSeconds?: number;
        };
        OrderList: {
            orders: components["schemas"]["Order"][];
            nextToken?: string;
        };
        /** @description The name in other languages, for pages to show. Requests name drinks and options by their names on the menu. */
        Names: {
            /** @description Spanish. */
            es?: components["schemas"]["Name"];
            /** @description Brazilian Portuguese. */
            "pt-BR"?: components["schemas"]["Name"];
        };
        Modifier: {
            /** @description Unique for the drink. */
            name: components["schemas"]["Name"];
            names?: components["schemas"]["Names"];
            /** @description Each unique for the drink. */
            options: components["schemas"]["Name"][];
            /** @description The options in other languages, by their names in `options`. */
            optionNames?: {
                [key: string]: components["schemas"]["Names"];
            };
        };
        MenuItem: {
            /** @description Unique on the menu. */
            drink: components["schemas"]["Name"];
            names?: components["schemas"]["Names"];
            /**
             * Format: line
             * @description Name of a picture, see the rule for texts.
             * @default
             */
            icon?: string;
            /**
             * @description False if the drink is sold out.
             * @default true
             */
            available?: boolean;
            /** @default [] */
            modifiers?: components["schemas"]["Modifier"][];
        };
        Menu: components["schemas"]["MenuItem"][];
        Availability: {
            /** @description False if the drink is sold out. */
            available: boolean;
        };
        Link: {
            /** @description Text of the link. */
            title: components["schemas"]["Name"];
            /** @description A page replaces `{orderId}` by the id of the order. */
            url: string;
        };
        /** @description Shown by pages beside an order. */
        Links: components["schemas"]["Link"][];
        /** @example #0b6b43 */
        Colour: string;
        /** @description Colours of the shop. Pages choose black or white for what is on them, and their own colours for absent ones. */
        Colours: {
            /** @description Colour behind the shop's name and of the main buttons. */
            primary?: components["schemas"]["Colour"];
            /** @description Colour of highlights. */
            accent?: components["schemas"]["Colour"];
        };
        Logo: {
            /** @enum {string} */
            contentType: "image/svg+xml" | "image/png";
            /** @description File of at most 20 KB in base64. SVG without scripts, document type and external parts. */
            data: string;
        };
        /**
         * @description Customers whose scans the shop accepts: `guest` includes those with an account.
         * @enum {string}
         */
        CustomerSignIn: "guest" | "account";
        /**
         * @example {
         *       "maxOrdersInQueue": 30
         *     }
         */
        SettingsEdit: {
            name?: components["schemas"]["Name"];
            colours?: components["schemas"]["Colours"];
            menu?: components["schemas"]["Menu"];
            drinksPerBarcode?: number;
            maxOrdersInQueue?: number;
            maxOrdersPerUser?: number;
            customerSignIn?: components["schemas"]["CustomerSignIn"];
            links?: components["schemas"]["Links"];
        };
        Shop: {
            eventId: components["schemas"]["EventId"];
            storeOpen: boolean;
            /** @description Name of the shop for people. */
            name: components["schemas"]["Name"];
            colours: components["schemas"]["Colours"];
            /** @description Hash of the logo, which changes with it; absent if the shop has none. */
            logo?: string;
            menu: components["schemas"]["Menu"];
            /** @description Number of customers who can order with one QR code. */
            drinksPerBarcode: number;
            /** @description Number of orders that may be open in the shop at once. */
            maxOrdersInQueue: number;
            /** @description Number of orders that one customer may have open at once. */
            maxOrdersPerUser: number;
            customerSignIn: components["schemas"]["CustomerSignIn"];
            links: components["schemas"]["Links"];
            /** @description Number of times that the key of the QR codes was replaced. */
            codeVersion: number;
            /** @description Number of changes so far. */
            version: number;
            /**
             * @description Version of the deployed application. In the answer of `GET /config` alone; until the next edit, a caller with the current `ETag` keeps the release that it knows.
             * @example 0.1.0
             */
            release?: string;
            /** @description Effects of an edit that its author may not expect. In the answer of `PUT /config` alone, and absent if there are none. */
            warnings?: {
                /**
                 * @description `self_sign_up_closed`: the shop requires accounts, and only an administrator can create one in the stack's user pool.
                 * @enum {string}
                 */
                code: "self_sign_up_closed";
                /** @description Explanation for people, with what to do. */
                detail: string;
            }[];
        };
        SignIn: {
            /** @description True if keys of this machine sign the tokens. A page takes a token from its address only then. */
            local: boolean;
            /**
             * @description `cognito`: one-time code by e-mail through `cognitoEndpoint`. `oidc`: authorisation code with
             *     PKCE; without `authorizationEndpoint` and `tokenEndpoint` pages cannot sign in. `local`: links
             *     of `presso`. `none`: the stack has no issuer.
             * @enum {string}
             */
            kind: "cognito" | "oidc" | "local" | "none";
            /** @description Claim `iss` of the tokens; absent if `kind` is `none`. */
            issuer?: string;
            /** @description Public client with which a page signs in. */
            clientId?: string;
            /**
             * Format: uri
             * @description With `cognito`: address of the user pools API.
             * @example https://cognito-idp.us-east-1.amazonaws.com/
             */
            cognitoEndpoint?: string;
            /**
             * Format: uri
             * @description With `oidc`: page of the issuer. A query in it is kept.
             */
            authorizationEndpoint?: string;
            /**
             * Format: uri
             * @description With `oidc`: address that exchanges and refreshes tokens.
             */
            tokenEndpoint?: string;
            /**
             * @description With `oidc`: value of the parameter `scope`.
             * @example openid offline_access
             */
            scope?: string;
            /** @description With `cognito`: true if anybody can create an account. If false, a customer without an account orders at the counter. */
            selfSignUp?: boolean;
        };
        Problem: {
            /** @constant */
            type: "about:blank";
            title: string;
            status: number;
            /** @enum {string} */
            code: "malformed_body" | "invalid_parameter" | "invalid_code" | "unauthenticated" | "forbidden" | "account_needed" | "order_not_found" | "shop_not_found" | "drink_not_found" | "pairing_not_found" | "logo_not_found" | "route_not_found" | "wrong_status" | "not_ready" | "no_open_order" | "claimed_by_another" | "claim_changed" | "too_late_to_call" | "store_closed" | "store_full" | "customer_limit" | "pairing_used" | "too_many_displays" | "pairing_expired" | "version_mismatch" | "body_too_large" | "invalid_drink" | "idempotency_key_reused" | "invalid_name" | "invalid_colour" | "invalid_menu" | "invalid_link" | "invalid_limit" | "invalid_logo" | "no_tokens" | "too_many_attempts" | "too_many_wrong_codes" | "internal" | "unavailable" | "throttled" | "invalid_request";
            /** @description Explanation for people, with what to do. */
            detail: string;
            /** @description Field or parameter at fault, such as `menu[1].drink`. */
            field?: string;
            /** @description Id of the request, such as `urn:request:…`. */
            instance?: string;
            /** @description Barista who holds the claim, if any; with `claimed_by_another` and `claim_changed`. */
            baristaUserId?: components["schemas"]["UserId"];
            /** @description Time at which that barista claimed the order. */
            claimedAt?: components["schemas"]["Time"];
            /** @description Version of the claim, for `from`. */
            claimVersion?: number;
        };
    };
    responses: {
        /** @description Self-contained HTML document. Caches may keep it for a minute. */
        Page: {
            headers: {
                ETag: components["headers"]["PageTag"];
                "Content-Security-Policy": components["headers"]["PagePolicy"];
                "X-Content-Type-Options": components["headers"]["NoSniff"];
                "Referrer-Policy": components["headers"]["NoReferrer"];
                [name: string]: unknown;
            };
            content: {
                "text/html; charset=utf-8": string;
            };
        };
        /** @description The caller has the current page. */
        PageNotModified: {
            headers: {
                ETag: components["headers"]["PageTag"];
                "Content-Security-Policy": components["headers"]["PagePolicy"];
                "X-Content-Type-Options": components["headers"]["NoSniff"];
                "Referrer-Policy": components["headers"]["NoReferrer"];
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description Settings of the shop. */
        Shop: {
            headers: {
                /** @description The version of the settings, for `If-Match`. */
                ETag: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Shop"];
            };
        };
        /** @description Page of orders. The last page has no `nextToken`. */
        OrderList: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OrderList"];
            };
        };
        /** @description The body or a parameter is invalid. */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A parameter is missing, unknown or out of range; `field` names it. */
        InvalidParameter: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The bearer credential is missing, malformed or cannot be verified. API Gateway renames the header to x-amzn-Remapped-WWW-Authenticate. */
        Unauthenticated: {
            headers: {
                "WWW-Authenticate": "Bearer";
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The caller lacks the role that the operation requires, is a display, or is an account with a `sub` that cannot be accepted. */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The order does not exist, or the caller may not see it. After a scan it may take some seconds to appear. */
        OrderNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The shop was never opened. */
        ShopNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is larger than the route accepts. */
        BodyTooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The application has a fault. The log has the cause under the request id in `instance`. */
        Internal: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A service that the application needs does not answer. Send the same request again. */
        Unavailable: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /** @description Id of the shop. */
        eventId: components["schemas"]["EventId"];
        /** @description Number of orders in digits. */
        maxItems: number;
        /** @description Any parameters, which the page reads, such as `e`, the id of its shop. */
        ofPage: {
            [key: string]: string;
        };
        /** @description The `ETag` of the page that the caller has. */
        ifNoneMatch: string;
        /** @description The `nextToken` of the previous page. */
        nextToken: string;
    };
    requestBodies: never;
    headers: {
        /** @description Hash of the logo. */
        LogoTag: string;
        /** @description Time to wait before a retry in seconds. */
        RetryAfter: number;
        /** @description Hash of the page and its policy. */
        PageTag: string;
        /** @description Allows the page's own script and style, images of the bar, connections to the bar, to its sockets and to the hosts of `GET /sign-in`, and nothing else from the network. */
        PagePolicy: string;
        NoSniff: "nosniff";
        NoReferrer: "no-referrer";
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    showCode: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
                /**
                 * @description Address of the display's own page. The order page is in the same folder. Without effect where the stack has an `OrderPageUrl`.
                 * @example https://bar.example/v1/display
                 */
                page?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Current code. The next one follows at `expiresAt`; this one stays valid for 15 seconds more. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QrCode"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["ShopNotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    scan: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
                /**
                 * @description Code that the display shows, or its short code in any case.
                 * @example MFRGGZDFMZTWQ2LK
                 */
                token: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description This customer had requested an order with this code before. The same order is returned. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Scanned"];
                };
            };
            /** @description The order is requested. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Scanned"];
                };
            };
            /** @description The code is wrong or has expired, or a parameter is invalid. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            /** @description The shop takes orders from accounts alone and the caller is a guest, or the caller is no person. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            404: components["responses"]["ShopNotFound"];
            /** @description The shop is closed or has no capacity left, or the customer has as many open orders as the shop allows. None of these uses up the code. `not_ready`: an order that was requested a moment ago is not recorded yet. */
            409: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description All orders of this code are taken, three orders of this customer ended without a drink, or the caller tried more than ten wrong codes. `Retry-After` is the time until the next code. After too many wrong codes the current full code, as a phone scans it, is still accepted; a short one is not. */
            429: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    readConfig: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
            };
            header?: {
                /**
                 * @description The `ETag` of settings that the caller has.
                 * @example "3"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Shop"];
            /** @description The caller has the current settings. */
            304: {
                headers: {
                    ETag: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    editConfig: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
            };
            header?: {
                /**
                 * @description The `ETag` of the settings that the caller read. Without it, or with `*`, the edit also overwrites later changes.
                 * @example "3"
                 */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettingsEdit"];
            };
        };
        responses: {
            200: components["responses"]["Shop"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            /** @description The settings have changed since the caller read them. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["BodyTooLarge"];
            /** @description The name, a colour, the menu or a link is invalid, or a limit is out of range. `field` names the field at fault. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "about:blank",
                     *       "title": "The menu is invalid",
                     *       "status": 422,
                     *       "code": "invalid_menu",
                     *       "detail": "menu[1].drink: is on the menu twice",
                     *       "field": "menu[1].drink"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    readLogo: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
                /**
                 * @description The member `logo` of `GET /config`. It has no effect on the answer; with it, no cache answers with an earlier logo.
                 * @example mzxw6ytboi4tqmzrgi3dknbvgq
                 */
                hash?: string;
            };
            header?: {
                /**
                 * @description The `ETag` of the logo that the caller has.
                 * @example "mzxw6ytboi4tqmzrgi3dknbvgq"
                 */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The logo, to be shown as an image (`<img>`). */
            200: {
                headers: {
                    ETag: components["headers"]["LogoTag"];
                    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";
                    "X-Content-Type-Options": "nosniff";
                    [name: string]: unknown;
                };
                content: {
                    "image/svg+xml": string;
                };
            };
            /** @description The caller has the current logo. */
            304: {
                headers: {
                    ETag: components["headers"]["LogoTag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            /** @description The shop has no logo. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    setLogo: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Logo"];
            };
        };
        responses: {
            200: components["responses"]["Shop"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["BodyTooLarge"];
            /** @description The file is empty, has more than 20 KB, or is not an image of this type without scripts and external parts. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    removeLogo: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Shop"];
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    openOrCloseStore: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
                state: "open" | "closed";
                /** @description With `state=open`, true replaces the key of the QR codes. No code that was shown before is valid. */
                newCode?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Shop"];
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    setAvailability: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
            };
            header?: never;
            path: {
                /** @description Name of the drink, percent-encoded. */
                drink: components["schemas"]["Name"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Availability"];
            };
        };
        responses: {
            200: components["responses"]["Shop"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            /** @description The menu has no drink of this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["BodyTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    pairDisplay: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The screen may show its code until `expiresAt`. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pairing"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listDisplays: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The displays, without their secrets. Screens that are not activated are not in the list. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisplayList"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createDisplay: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "pairingCode": "7K3QX0",
                 *       "name": "Entrance"
                 *     }
                 */
                "application/json": components["schemas"]["DisplayRequest"];
            };
        };
        responses: {
            /** @description The display that was activated, or the new display with its secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Display"] | components["schemas"]["NewDisplay"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            /** @description No screen of this shop shows the pairing code. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The pairing code was entered before, or the shop has 100 displays. A screen whose display was revoked has another code after it is reloaded. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The pairing code has expired. The screen has another one after it is reloaded. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["BodyTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeDisplay: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
            };
            header?: never;
            path: {
                /** @description Id of the display. */
                displayId: components["schemas"]["DisplayId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The display is revoked, or the shop has no such display. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    readBoard: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description State of the shop and its numbers, without order ids and persons. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Board"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["ShopNotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listOrders: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
                status: components["schemas"]["OrderStatus"];
                /** @description Direction of the list. A `nextToken` belongs to the direction of its page. */
                order?: "oldest" | "newest";
                /** @description Earliest time of admission (`createdAt`) in the list. Send the same value for the first page and for the next ones. */
                since?: components["schemas"]["Time"];
                /** @description Number of orders in digits. */
                maxItems?: components["parameters"]["maxItems"];
                /** @description The `nextToken` of the previous page. */
                nextToken?: components["parameters"]["nextToken"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["OrderList"];
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    orderAtCounter: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
            };
            header: {
                /**
                 * @description Text that is new for each order, such as a UUID.
                 * @example 7e6a1c52-0b7e-4c7e-9a55-0d6a6e5f8a11
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DrinkRequest"];
            };
        };
        responses: {
            /** @description The drink is chosen; the order will be in the queue shortly after. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            /** @description The shop is closed or full, or the order ended. `store_full` has `Retry-After` if the same key may be sent again. `not_ready`: the order was requested and does not accept its drink yet; send the same request again. */
            409: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["BodyTooLarge"];
            /** @description The menu does not offer this drink, or the key belongs to an order with another drink. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    readOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the order. */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Current state of the order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["OrderNotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    commandOrder: {
        parameters: {
            query?: {
                action?: "cancel" | "make" | "unmake" | "complete" | "call";
                /**
                 * @description With `make`: version of the claim to take over, as `claimVersion` showed it. A claim of
                 *     another version is not taken, so a delayed retry takes nothing a second time.
                 */
                from?: number;
            };
            header?: never;
            path: {
                /** @description Id of the order. */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["DrinkRequest"] | components["schemas"]["CancelRequest"];
            };
        };
        responses: {
            /** @description Claim after `make` or `unmake`; call after `call`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Claim"] | components["schemas"]["Call"];
                };
            };
            /** @description Accepted. `status` is the status that was read before the command; in a repetition, the current one. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["OrderNotFound"];
            /**
             * @description The order's status does not allow the command (yet), another barista has claimed the order,
             *     the claim that `from` names has been replaced, or the completion is too long ago for a call.
             *     `claimed_by_another` and `claim_changed` come with the current claim.
             */
            409: {
                headers: {
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "about:blank",
                     *       "title": "Another barista has claimed this order",
                     *       "status": 409,
                     *       "code": "claimed_by_another",
                     *       "detail": "bea claimed this order at 2026-11-23T09:31:25.030Z; action=make&from=1 takes it over",
                     *       "baristaUserId": "bea",
                     *       "claimedAt": "2026-11-23T09:31:25.030Z",
                     *       "claimVersion": 1
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["BodyTooLarge"];
            /** @description The menu does not offer this drink. `field` is `drink` or `modifiers`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "about:blank",
                     *       "title": "The menu does not offer this",
                     *       "status": 422,
                     *       "code": "invalid_drink",
                     *       "detail": "Latte is sold out",
                     *       "field": "drink"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listMyOrders: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
                /** @description Number of orders in digits. */
                maxItems?: components["parameters"]["maxItems"];
                /** @description The `nextToken` of the previous page. */
                nextToken?: components["parameters"]["nextToken"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["OrderList"];
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    requestTicket: {
        parameters: {
            query: {
                /** @description Id of the shop. */
                eventId: components["parameters"]["eventId"];
                topic: "customer" | "queue" | "board" | "bus";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A new ticket. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Live"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["ShopNotFound"];
            /** @description With `customer`, the caller has no open order in this shop. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    readArchitecture: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Producers, rules and workflow of the stack. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Architecture"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    showIndex: {
        parameters: {
            query?: {
                /** @description Any parameters, which the page reads, such as `e`, the id of its shop. */
                forThePage?: components["parameters"]["ofPage"];
            };
            header?: {
                /** @description The `ETag` of the page that the caller has. */
                "If-None-Match"?: components["parameters"]["ifNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Page"];
            304: components["responses"]["PageNotModified"];
            /** @description The request named the address of the stage, or of a base path, without a slash at its end. */
            307: {
                headers: {
                    /** @description The last part of the address with a slash, relative. */
                    Location: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidParameter"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    showOrderPage: {
        parameters: {
            query?: {
                /** @description Any parameters, which the page reads, such as `e`, the id of its shop. */
                forThePage?: components["parameters"]["ofPage"];
            };
            header?: {
                /** @description The `ETag` of the page that the caller has. */
                "If-None-Match"?: components["parameters"]["ifNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Page"];
            304: components["responses"]["PageNotModified"];
            400: components["responses"]["InvalidParameter"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    showBaristaPage: {
        parameters: {
            query?: {
                /** @description `more`: what baristas need less often. `admin`: what admins need. Otherwise the queue. Each view is a document of its own. */
                view?: string;
                /** @description Any parameters, which the page reads, such as `e`, the id of its shop. */
                forThePage?: components["parameters"]["ofPage"];
            };
            header?: {
                /** @description The `ETag` of the page that the caller has. */
                "If-None-Match"?: components["parameters"]["ifNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Page"];
            304: components["responses"]["PageNotModified"];
            400: components["responses"]["InvalidParameter"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    showDisplayPage: {
        parameters: {
            query?: {
                /** @description Any parameters, which the page reads, such as `e`, the id of its shop. */
                forThePage?: components["parameters"]["ofPage"];
            };
            header?: {
                /** @description The `ETag` of the page that the caller has. */
                "If-None-Match"?: components["parameters"]["ifNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Page"];
            304: components["responses"]["PageNotModified"];
            400: components["responses"]["InvalidParameter"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    showBusPage: {
        parameters: {
            query?: {
                /** @description Any parameters, which the page reads, such as `e`, the id of its shop. */
                forThePage?: components["parameters"]["ofPage"];
            };
            header?: {
                /** @description The `ETag` of the page that the caller has. */
                "If-None-Match"?: components["parameters"]["ifNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Page"];
            304: components["responses"]["PageNotModified"];
            400: components["responses"]["InvalidParameter"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    readSignIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The issuer of the stack and its addresses. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignIn"];
                };
            };
            400: components["responses"]["InvalidParameter"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
}
